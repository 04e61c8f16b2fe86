// A bash script that runs the transcoder's own command lines, chain by chain, and says what each costs the processor. It
// needs bash and ffmpeg alone, so that it runs on a machine with a card where nothing can be installed.
import { chmodSync, writeFileSync } from 'node:fs'

const quote = (word) => `'${word.replaceAll("'", String.raw`'\''`)}'`

/** How the rungs of a command line are called by descriptor, from 3 on. */
const redirect = (outputs) => outputs.map((name, i) => `${i + 3}>"$folder/${name}.flv"`).join(' ')

/**
 * @param {string} path
 * @param {{ chains: { name: string, args: readonly string[] }[], outputs: readonly string[], segments: number, pictures: number }} plan - chains best first, the last
 *   by the processor alone; what each hands out on descriptors 3, 4, …; segments and pictures of the clip
 */
export function writeGpuScript(path, { chains, outputs, segments, pictures }) {
  const cases = chains.map(({ name, args }) => `    ${quote(name)}) ffmpeg_with ${args.map(quote).join(' ')} ;;`)
  const reference = chains.at(-1).name
  const script = `#!/usr/bin/env bash
# The command lines of Streamflow's transcoder, chain by chain, beside the one of the processor alone, over one clip.
# usage: [FFMPEG=ffmpeg] [RUNS=2] [CONFINE='prlimit --data=…'] bash ${path.split('/').at(-1)} CLIP
# Last line: RESULT {json}. "chosen" is the first chain that makes every picture; cpuRatio its processor time over that of ${reference}.
set -u
export LC_ALL=C CUDA_DEVICE_ORDER=PCI_BUS_ID
clip=\${1:?usage: bash $0 CLIP}
ffmpeg=\${FFMPEG:-ffmpeg}
runs=\${RUNS:-2}
read -r -a confine <<<"\${CONFINE:-}"
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
segments=${segments}
pictures=${pictures}

ffmpeg_with() {
  "\${confine[@]}" "$ffmpeg" "$@" <"$clip" ${redirect(outputs)} 2>"$folder/complaints"
}

run_chain() {
  case $1 in
${cases.join('\n')}
  esac
}

# Pictures in one output.
count_pictures() {
  "$ffmpeg" -hide_banner -nostdin -i "$1" -map 0:v -c copy -f null - 2>&1 | tr '\\r' '\\n' | sed -n 's/^frame= *\\([0-9]*\\).*/\\1/p' | tail -n 1
}

# Why a chain does not work here; nothing if it made every picture of every rung.
refuse() {
  local rung count
  if ! run_chain "$1"; then
    grep -m 1 -iE 'fail|cannot|no capable|unsupported|not (found|supported)|unknown|error|invalid|impossible' "$folder/complaints" || tail -n 1 "$folder/complaints" | grep . || echo "ffmpeg failed without a word"
    return
  fi
  for rung in ${outputs.filter((name) => name !== 'audio').map(quote).join(' ')}; do
    count=$(count_pictures "$folder/$rung.flv")
    if [ "\${count:-0}" -lt "$pictures" ]; then echo "of $pictures pictures \${count:-0} came out of $rung"; return; fi
  done
}

# Processor seconds (user + system) and seconds of one run.
measure() {
  local TIMEFORMAT='%U %S %R'
  { time run_chain "$1"; } 2>&1 | tail -n 1 | awk '{ printf "%.2f %.2f\\n", $1 + $2, $3 }'
}

chosen=none
for chain in ${chains.map(({ name }) => quote(name)).join(' ')}; do
  reason=$(refuse "$chain")
  echo "$chain: \${reason:-works}"
  if [ -n "$reason" ] && [ "$chain" = ${quote(reference)} ]; then exit 1; fi
  if [ -z "$reason" ] && [ "$chosen" = none ] && [ "$chain" != ${quote(reference)} ]; then chosen=$chain; fi
done
compared=$chosen
[ "$chosen" = none ] && compared=
# One after the other in turns, so that what the machine does beside falls on all.
for run in $(seq "$runs"); do
  for chain in ${quote(reference)} $compared; do
    set -- $(measure "$chain")
    echo "$chain $1 $2" >>"$folder/times"
    echo "run $run: $chain took $1 s of processor, $2 s"
  done
done
mean() { awk -v name="$1" '$1 == name { sum += $2; count++ } END { printf "%.3f", sum / (count ? count : 1) }' "$folder/times"; }
processor=$(mean ${quote(reference)})
echo "${reference}: $(awk -v s="$processor" -v n=$segments 'BEGIN { printf "%.3f", s / n }') s of processor per segment"
if [ "$chosen" = none ]; then
  echo "no card here that takes work off the processor"
  echo 'RESULT {"name":"gpu","chosen":"none","cpuRatio":null}'
else
  card=$(mean "$chosen")
  echo "$chosen: $(awk -v s="$card" -v n=$segments 'BEGIN { printf "%.3f", s / n }') s of processor per segment"
  echo "RESULT {\\"name\\":\\"gpu\\",\\"chosen\\":\\"$chosen\\",\\"cpuRatio\\":$(awk -v a="$card" -v b="$processor" 'BEGIN { printf "%.2f", a / b }')}"
fi
`
  writeFileSync(path, script)
  chmodSync(path, 0o755)
}
