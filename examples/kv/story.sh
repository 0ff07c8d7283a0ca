#!/bin/sh
# The store's story, told with ./kv on ./data: every command is shown as it can
# be typed, then what it prints. Every result is checked; the first that is not
# as told ends the story with exit code 1.
#
# The bucket kv-story is the story's own. Of what is in there it touches only its
# own keys, so it can be told again and again, beside other data.
set -u
unset KEYVALUE_FILESYSTEM_ROOT KEYVALUE_FILESYSTEM_CREATE_BUCKETS

# told EXIT OUTPUT COMMAND: shows and runs a command that must end so.
told() {
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
    if [ "$code" != "$1" ] || ! is_as_told "$output" "$2"; then
        printf '\nThis should have been exit code %s and the output\n%s\n' "$1" "$2" >&2
        exit 1
    fi
}

# What a command printed, without a line break at its end, is what was told. In
# a listing there may be other things between the lines that were told.
is_as_told() {
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

rm -f data/kv-story/user:123 data/kv-story/colour data/kv-story/size \
    data/kv-story/page_views data/kv-story/state || exit 1

chapter 'A bucket is a directory, a key a file in it'
told 0 '' 'mkdir -p data/kv-story'
told 0 '' './kv set kv-story user:123 "John Doe"'
told 0 'John Doe' './kv get kv-story user:123'
told 0 'John Doe' 'cat data/kv-story/user:123'

chapter 'Edit the file by hand, and the store has it'
told 0 '' 'echo "Jane Roe, since today" > data/kv-story/user:123'
told 0 'Jane Roe, since today' './kv get kv-story user:123'
told 1 'kv: there is no key "user:456" in the bucket "kv-story"' './kv get kv-story user:456'

chapter 'Several keys at once'
told 0 '' './kv set-many kv-story colour green size large'
told 1 'colour	green
size	large
shape' './kv get-many kv-story colour size shape'

chapter 'Two processes count at once, and no count is lost'
told 0 '' 'echo 0 > data/kv-story/page_views'
told 0 '' 'for n in 1 2 3 4 5 6 7 8 9 10; do
    ./kv increment kv-story page_views
done > /dev/null &
for n in 1 2 3 4 5 6 7 8 9 10; do
    ./kv increment kv-story page_views 10
done > /dev/null &
wait'
told 0 '110' 'cat data/kv-story/page_views'

chapter 'Change a value only if nobody else did'
told 0 '' './kv swap --absent kv-story state idle'
told 0 '' './kv swap kv-story state idle busy'
told 2 'kv: not swapped: the key "state" in the bucket "kv-story" has another value' \
    './kv swap kv-story state idle busy'
told 0 '{"value": "busy"}' './kv --json get kv-story state'

chapter 'What there is now'
told 0 '' './kv delete kv-story size'
told 1 'false' './kv exists kv-story size'
told 0 '... user:123 colour page_views state' './kv list kv-story'
told 0 '... user:123 colour page_views state' 'ls data/kv-story'
told 0 'green
Jane Roe, since today' '(./kv get kv-story colour; echo; cat data/kv-story/user:123)'

printf '\nThat is the story. The files are in data/kv-story; ./kv --help tells the rest.\n'
