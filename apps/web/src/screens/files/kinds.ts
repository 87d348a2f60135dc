import type { IconName } from '../../parts/Icon.svelte';

const KINDS: [RegExp, IconName][] = [
  [/\.(png|jpe?g|gif|webp|avif|bmp|svg|heic|tiff?)$/i, 'image'],
  [/\.(mp4|m4v|webm|mov|mkv|avi|ogv)$/i, 'video'],
  [/\.(mp3|wav|flac|ogg|oga|opus|m4a|aac)$/i, 'audio'],
  [
    /\.(txt|md|csv|log|json|xml|ya?ml|ini|conf|toml|rst|tex|[cm]?[jt]s|py|go|rs|php|rb|java|c|h|cpp|css|html?|sh|sql)$/i,
    'text',
  ],
];

/** What kind of thing a file is, going by its name: for the eye, never for a decision. */
export function kindOf(name: string): IconName {
  return KINDS.find(([pattern]) => pattern.test(name))?.[1] ?? 'file';
}
