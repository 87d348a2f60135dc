import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.UUID;

/** java Transfer.java upload URL TOKEN PATH, or download LINK PATH. HttpClient knows no forms, so the parts are written out. */
public class Transfer {
  public static void main(String[] args) throws Exception {
    HttpClient client = HttpClient.newHttpClient();
    HttpResponse<?> answer;
    if (args[0].equals("upload")) answer = client.send(upload(args[1], args[2], Path.of(args[3])), HttpResponse.BodyHandlers.ofString());
    else answer = client.send(HttpRequest.newBuilder(URI.create(args[1])).build(), HttpResponse.BodyHandlers.ofFile(Path.of(args[2])));
    if (answer.statusCode() != 200) throw new IllegalStateException(answer.statusCode() + " " + answer.body());
  }

  private static HttpRequest upload(String url, String token, Path path) {
    String boundary = UUID.randomUUID().toString();
    byte[] head = ("--" + boundary + "\r\nContent-Disposition: form-data; name=\"file\"; filename=\"" + path.getFileName()
        + "\"\r\nContent-Type: application/octet-stream\r\n\r\n").getBytes(StandardCharsets.UTF_8);
    byte[] end = ("\r\n--" + boundary + "--\r\n").getBytes(StandardCharsets.UTF_8);
    return HttpRequest.newBuilder(URI.create(url + "/api/upload"))
        .header("Authorization", "Bearer " + token)
        .header("Content-Type", "multipart/form-data; boundary=" + boundary)
        .POST(HttpRequest.BodyPublishers.ofInputStream(() -> body(head, path, end)))
        .build();
  }

  private static InputStream body(byte[] head, Path path, byte[] end) {
    try {
      List<InputStream> parts = List.of(new ByteArrayInputStream(head), Files.newInputStream(path), new ByteArrayInputStream(end));
      return new SequenceInputStream(Collections.enumeration(parts));
    } catch (java.io.IOException error) {
      throw new java.io.UncheckedIOException(error);
    }
  }
}
