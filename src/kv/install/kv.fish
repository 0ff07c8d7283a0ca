# Completion of kv for fish: commands, options, buckets and keys.

# The words of the line without options: the command and its operands.
function __kv_operands
    set -l skip 0
    for word in (commandline -opc)[2..-1]
        if test $skip = 1
            set skip 0
        else if contains -- $word --data --prefix --limit --peer
            set skip 1
        else if not string match -q -- '-*' $word
            echo $word
        end
    end
end

function __kv_at # the command is one of these, if there are any, and so many operands follow it
    set -l operands (__kv_operands)
    test (math (count $operands) - 1) -eq $argv[1]; or return 1
    test (count $argv) -eq 1; or contains -- "$operands[1]" $argv[2..-1]
end

function __kv_is
    set -l operands (__kv_operands)
    contains -- "$operands[1]" $argv
end

function __kv
    set -l words (commandline -opc)
    set -l at (contains -i -- --data $words)
    and kv --data $words[(math $at + 1)] $argv 2> /dev/null
    or kv $argv 2> /dev/null
end

function __kv_keys
    set -l operands (__kv_operands)
    __kv list --prefix (commandline -ct) --limit 1000 -- $operands[2]
end

complete -c kv -f
complete -c kv -l data -r -a '(__fish_complete_directories)' -d 'the data directory'
complete -c kv -l json -d 'print one JSON object'
complete -c kv -l help -d 'explain'
complete -c kv -l version -d 'print the version'
complete -c kv -n '__kv_is get' -l counter -d 'as a number'
complete -c kv -n '__kv_is swap cp mv' -l absent -d 'replace nothing'
complete -c kv -n '__kv_is list buckets' -l prefix -x -d 'names that begin so'
complete -c kv -n '__kv_is list buckets watch' -l limit -x -d 'so many'
complete -c kv -n '__kv_is list' -l long -d 'size and time'
complete -c kv -n '__kv_is list buckets' -s 0 -d 'a NUL after each'
complete -c kv -n '__kv_is export import' -l all -d 'all buckets'
complete -c kv -n '__kv_is delete-bucket' -l yes -d 'do not ask'
complete -c kv -n '__kv_is doctor' -l peer -x -d 'ask the other machine of a shared volume'
complete -c kv -n '__kv_is doctor' -l serve -d 'answer it'

for line in 'get	print a value' 'set	store a value' 'delete	remove a key and its value' 'exists	tell whether there is a key' \
        'increment	add to a counter' 'swap	store a value if it has not changed' 'cp	copy a value to another key' \
        'mv	move a value to another key' 'edit	change a value in your editor' 'stat	tell a value\'s size, time, kind and file' \
        'get-many	print several values' 'set-many	store several values' 'delete-many	remove several keys' \
        'list	print all keys, sorted' 'watch	print changes as they happen' 'export	write a bucket, or all, as one stream' \
        'import	store what export wrote' 'buckets	print all buckets, sorted' 'create-bucket	make a bucket' \
        'delete-bucket	remove a bucket and all its keys' 'info	tell the version, the settings and where the data are' \
        'doctor	look for what is wrong with the data; change nothing' 'help	explain a command, with examples'
    set -l parts (string split \t $line)
    complete -c kv -n '__kv_at -1; or __kv_at 0 help' -a $parts[1] -d $parts[2]
end
complete -c kv -n '__kv_at 0 get set delete exists increment swap cp mv edit stat get-many set-many delete-many list watch export import delete-bucket' \
    -a '(__kv buckets)'
complete -c kv -n '__kv_at 1 get set delete exists increment swap cp mv edit stat get-many set-many delete-many watch' -a '(__kv_keys)'
complete -c kv -n '__kv_is get-many delete-many; and not __kv_at -1; and not __kv_at 0; and not __kv_at 1' -a '(__kv_keys)'
complete -c kv -n '__kv_at 0 doctor' -a '(__fish_complete_directories)'
