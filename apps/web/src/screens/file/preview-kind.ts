export type PreviewKind = 'image' | 'video' | 'audio' | 'text' | 'pdf' | 'none';

const KINDS: [RegExp, PreviewKind][] = [
  [/\.(png|jpe?g|gif|webp|avif|bmp)$/i, 'image'],
  [/\.(mp4|m4v|webm|ogv)$/i, 'video'],
  [/\.(mp3|wav|flac|ogg|oga)$/i, 'audio'],
  [/\.pdf$/i, 'pdf'],
  [
    /\.(txt|md|csv|tsv|log|json|xml|ya?ml|ini|conf|toml|rst|tex|[cm]?[jt]sx?|svelte|vue|py|go|rs|php|rb|java|kt|c|h|cc|cpp|hpp|css|html?|svg|sh|sql|diff|patch)$/i,
    'text',
  ],
];

/** How a file can be shown here, going by its name, as the server does. */
export function previewKind(name: string): PreviewKind {
  return KINDS.find(([pattern]) => pattern.test(name))?.[1] ?? 'none';
}
