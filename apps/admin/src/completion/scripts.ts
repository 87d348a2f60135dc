import type { Place, Word } from './tree.js';

/** The shells that a script can be had for. Each asks nothing of the program: what it completes stands in the script. */
export const SCRIPTS: Record<string, (program: string, places: readonly Place[]) => string> = { bash, zsh, fish };

const wordsOf = ({ commands, options }: Place): readonly Word[] => [...commands, ...options];
const functionOf = (program: string) => `_${program.replaceAll(/\W/g, '_')}`;

/** The part of both that finds out at which command the line is: its words, apart from options and arguments. */
function walk(places: readonly Place[]): string {
  const known = places.map(({ path }) => `" ${path}"`).filter((path) => path !== '" "');
  return `case "$at $word" in
      ${known.join(' | ')}) at="$at $word" ;;
    esac`;
}

function bash(program: string, places: readonly Place[]): string {
  const cases = places.map((place) => {
    const words = wordsOf(place).map(({ text }) => text);
    return `    "${place.path === '' ? '' : ` ${place.path}`}") words="${words.join(' ')}" ;;`;
  });
  return `# ${program} completion bash: for ~/.bashrc or /etc/bash_completion.d
${functionOf(program)}() {
  local at="" word words=""
  for word in "\${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    ${walk(places)}
  done
  case "$at" in
${cases.join('\n')}
  esac
  mapfile -t COMPREPLY < <(compgen -W "$words" -- "\${COMP_WORDS[COMP_CWORD]}")
}
complete -o default -F ${functionOf(program)} ${program}
`;
}

function zsh(program: string, places: readonly Place[]): string {
  const cases = places.map((place) => {
    const words = wordsOf(place).map(({ text, about }) => `'${text}:${about}'`);
    return `    "${place.path === '' ? '' : ` ${place.path}`}") candidates=(${words.join(' ')}) ;;`;
  });
  return `#compdef ${program}
# ${program} completion zsh: as _${program} in a directory of $fpath
${functionOf(program)}() {
  local at="" word
  local -a candidates
  for word in "\${(@)words[2,CURRENT-1]}"; do
    ${walk(places)}
  done
  case "$at" in
${cases.join('\n')}
  esac
  _describe -t commands ${program} candidates || _files
}
if [ "$funcstack[1]" = "${functionOf(program)}" ]; then ${functionOf(program)} "$@"; else compdef ${functionOf(program)} ${program}; fi
`;
}

function fish(program: string, places: readonly Place[]): string {
  const at = `_${functionOf(program)}_at`;
  const paths = places.map(({ path }) => path).filter((path) => path !== '');
  const lines = places.flatMap((place) => {
    const where = `complete -c ${program} -n '${`${at} ${place.path}`.trim()}'`;
    const commands = place.commands.map(({ text, about }) => `${where} -f -a ${text} -d '${about}'`);
    const options = place.options.map(
      ({ text, about, takesValue }) => `${where} -l ${text.slice(2)}${takesValue ? ' -r' : ''} -d '${about}'`,
    );
    return [...commands, ...options];
  });
  return `# ${program} completion fish: as ${program}.fish in ~/.config/fish/completions
function ${at}
  set -l at
  for word in (commandline -opc)[2..-1]
    contains -- (string join ' ' $at $word) ${paths.map((path) => `'${path}'`).join(' ')}; and set -a at $word
  end
  test "$at" = "$argv"
end
${lines.join('\n')}
`;
}
