#!/bin/sh
# A demo of the store with ./kv on ./data: every command is shown as it can be
# typed, then what it prints. Every result is checked; the first that is not as
# expected ends the demo with exit code 1.
#
# The bucket kv-demo is the demo's own. In it, it touches only its own keys, so it
# can run again and again, beside other data.
set -u
unset KEYVALUE_FILESYSTEM_ROOT KEYVALUE_FILESYSTEM_CREATE_BUCKETS

# expect EXIT OUTPUT COMMAND: shows and runs a command that must end so.
expect() {
    printf '\n$ %s\n' "$3"
    got=$(
        eval "$3" 2>&1
        printf '|%d' $?
    )
    output=${got%|*}
    code=${got##*|}
    printf '%s' "$output"
    case $output in
    '' | *"
") ;;
    *) echo ;;
    esac
    [ "$code" = 0 ] || echo "(exit code $code)"
    if [ "$code" != "$1" ] || ! is_expected "$output" "$2"; then
        printf '\nThis should have been exit code %s and the output\n%s\n' "$1" "$2" >&2
        exit 1
    fi
}

# What a command printed, without a line break at its end, is what is expected. In
# a listing there may be other lines between those.
is_expected() {
    case $2 in
    '...'*)
        for line in ${2#...}; do
            printf '%s\n' "$1" | grep -qxF -e "$line" || return 1
        done
        ;;
    *) [ "$1" = "$2" ] || [ "$1" = "$2
" ] ;;
    esac
}

chapter() {
    printf '\n---- %s ----\n' "$1"
}

rm -f data/kv-demo/user:123 data/kv-demo/colour data/kv-demo/size \
    data/kv-demo/page_views data/kv-demo/state || exit 1

chapter 'A bucket is a directory, a key a file in it'
expect 0 '' 'mkdir -p data/kv-demo'
expect 0 '' './kv set kv-demo user:123 "John Doe"'
expect 0 'John Doe' './kv get kv-demo user:123'
expect 0 'John Doe' 'cat data/kv-demo/user:123'

chapter 'Edit the file by hand, and the store has it'
expect 0 '' 'echo "Jane Roe, since today" > data/kv-demo/user:123'
expect 0 'Jane Roe, since today' './kv get kv-demo user:123'
expect 1 'kv: there is no key "user:456" in the bucket "kv-demo"' './kv get kv-demo user:456'

chapter 'Several keys at once'
expect 0 '' './kv set-many kv-demo colour green size large'
expect 1 'colour	green
size	large
shape' './kv get-many kv-demo colour size shape'

chapter 'Two processes count at once, and no count is lost'
expect 0 '' 'echo 0 > data/kv-demo/page_views'
expect 0 '' 'for n in 1 2 3 4 5 6 7 8 9 10; do
    ./kv increment kv-demo page_views
done > /dev/null &
for n in 1 2 3 4 5 6 7 8 9 10; do
    ./kv increment kv-demo page_views 10
done > /dev/null &
wait'
expect 0 '110' 'cat data/kv-demo/page_views'

chapter 'Change a value only if nobody else did'
expect 0 '' './kv swap --absent kv-demo state idle'
expect 0 '' './kv swap kv-demo state idle busy'
expect 2 'kv: not swapped: the key "state" in the bucket "kv-demo" has another value' \
    './kv swap kv-demo state idle busy'
expect 0 '{"value": "busy"}' './kv --json get kv-demo state'

chapter 'What there is now'
expect 0 '' './kv delete kv-demo size'
expect 1 'false' './kv exists kv-demo size'
expect 0 '... user:123 colour page_views state' './kv list kv-demo'
expect 0 '... user:123 colour page_views state' 'ls data/kv-demo'
expect 0 'green
Jane Roe, since today' '(./kv get kv-demo colour; echo; cat data/kv-demo/user:123)'

printf '\nThat is all. The files are in data/kv-demo; ./kv --help tells the rest.\n'
