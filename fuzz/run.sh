#!/usr/bin/env bash
# Fuzzes one target for some seconds and fails on a crash:  fuzz/run.sh TARGET SECONDS
# Works with stable Rust. Needs a C++ compiler for libFuzzer. No state is kept between runs, except
# that an input which crashes is left in fuzz/artifacts/TARGET/.
set -eu

usage() {
    echo "usage: fuzz/run.sh frames|pddl|policy|robot|scenario|trace SECONDS" >&2
    exit 2
}
[ $# -eq 2 ] || usage
target=$1 seconds=$2
case $target in frames | pddl | policy | robot | scenario | trace) ;; *) usage ;; esac
case $seconds in '' | *[!0-9]* | 0*) usage ;; esac # 0 would mean for ever

cd "$(dirname "$0")/.."
corpus=$(mktemp -d)
trap 'rm -rf "$corpus"' EXIT
artifacts=fuzz/artifacts/$target
mkdir -p "$artifacts"

# Coverage instrumentation as cargo-fuzz asks for it, but without the sanitizers, which stable Rust
# does not have. With --target, build scripts and macros stay without it.
host=$(rustc -vV | sed -n 's/^host: //p')
RUSTFLAGS="${RUSTFLAGS:-} -Cpasses=sancov-module -Ccodegen-units=1 \
-Cllvm-args=-sanitizer-coverage-level=4 \
-Cllvm-args=-sanitizer-coverage-inline-8bit-counters \
-Cllvm-args=-sanitizer-coverage-pc-table" \
    cargo build --locked --release --manifest-path fuzz/Cargo.toml --target "$host" --bin "$target"
program=${CARGO_TARGET_DIR:-fuzz/target}/$host/release/$target

# Inputs to start from, made of the files in the tree, so that they never go stale.
max_len=4096
case $target in
frames)
    # Msgpack: texts and bytes shorter than 32, and arrays of zeros, whose keys are one or the other.
    text() { printf "\\$(printf %o $((160 + ${#1})))%s" "$1"; }
    bytes() { printf "\\304\\$(printf %03o "${#1}")%s" "$1"; }
    array() { # array text|bytes DTYPE SHAPE BYTES
        printf '\204'
        $1 __ndarray__ && printf '\303'
        $1 data && printf "\\304\\$(printf %03o "$4")" && head -c "$4" /dev/zero
        $1 dtype && text "$2"
        # shellcheck disable=SC2059 # a shape is escapes
        $1 shape && printf "$3"
    }
    message() { # message TYPE, with the payload as standard input
        printf '\204'
        text type && text "$1"
        text payload && cat
        text seq && printf '\007'
        text timestamp && printf '\313\0\0\0\0\0\0\0\0'
    }
    picture=('|u1' '\223\002\002\003' 12) state=('<f4' '\221\010' 32) actions=('<f4' '\222\001\007' 28)
    {
        printf '\203'
        text observation/image && array bytes "${picture[@]}"
        text observation/state && array bytes "${state[@]}"
        text prompt && text stay
    } >"$corpus/request"
    { printf '\201' && text actions && array bytes "${actions[@]}"; } >"$corpus/reply"
    { printf '\201' && text actions && array text "${actions[@]}"; } | message action >"$corpus/action"
    { printf '\201' && text protocol_version && printf '\001'; } | message hello >"$corpus/hello"
    {
        printf '\203'
        text images && printf '\201' && text agentview && array text "${picture[@]}"
        text task_description && text stay
        text state && array text "${state[@]}"
    } | message observation >"$corpus/observation"
    ;;
pddl)
    for problem in domains/hanoi/p0[345].pddl; do
        { cat domains/hanoi/domain.pddl; printf '\0'; cat "$problem"; } \
            >"$corpus/$(basename "$problem")"
    done
    max_len=8192
    ;;
policy)
    for policy in inference/tests/common/policy.toml policies/*/policy.toml; do
        [ -e "$policy" ] || continue # the pattern itself, where there are no policies yet
        cp "$policy" "$corpus/${policy//\//-}"
    done
    {
        cat inference/tests/common/policy.toml
        printf '[normalisation.x]\nmean = [0.5, 1.0]\nstd = [1.0, 2.0]\n'
        printf '[parameters]\ngrid = [32, 32]\nlabels.red = "cube"\nsince = 1979-05-27\n'
        printf '[training]\ncommand = "ergon"\nseed = 7\ncommit = "0"\ndemonstrations = 100\n'
        printf 'frames = 2000\nwall_secs = 60.5\ncpu_secs = 118.0\njoules = 472.0\n'
        printf 'joules_kind = "estimated"\ndata_hash = "00"\n'
    } >"$corpus/whole"
    ;;
robot)
    for robot in robots/panda-sim.toml robots/check-arm.toml; do
        { cat "$robot"; printf '\0'; cat robots/panda.urdf; printf '\0'; cat robots/panda-sim-wrist.toml; } \
            >"$corpus/$(basename "$robot")"
    done
    max_len=16384
    ;;
scenario)
    cp scenarios/hanoi/*.toml "$corpus/"
    # The variants as one text without `extends`: keys first, then tables, as TOML wants them.
    for variant in 3-knock 3-slip; do
        { cat scenarios/hanoi/base.toml; sed -n '/^\[\[/,$p' "scenarios/hanoi/$variant.toml"; } \
            >"$corpus/resolved-$variant.toml"
    done
    ;;
trace)
    # Two moments with the command between them, as the target reads messages: a byte for the topic,
    # one for the length, then the bytes.
    message() { printf "\\$(printf %o "$1")\\$(printf %o "${#2}")%s" "$2"; }
    sense='"time_secs":0.0,"ee_position":[0,0,0],"ee_orientation":[0,0,0],'
    sense+='"finger_positions":[0,0],"joint_positions":[],"joint_velocities":[],"cameras":[]'
    for step in 0 1; do
        message 10 "{\"step\":$step,\"digest\":\"00000000000000aa\"}"
        message 3 "{\"step\":$step,$sense}"
        printf '\002\010\000\001\000\000\000\000\000\000' # no bodies, in CDR
        [ "$step" = 1 ] || message 4 '{"step":0,"command":[0,0,0,0,0,0,-1.0],"by":"agent"}'
    done >"$corpus/two-moments"
    ;;
esac

"$program" "$corpus" -max_total_time="$seconds" -timeout=10 -rss_limit_mb=2048 \
    -max_len="$max_len" -artifact_prefix="$artifacts/" -print_final_stats=1
