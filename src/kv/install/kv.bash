# Completion of kv for bash: commands, options, buckets and keys.

_kv_lines() { # kv's answer to these words, on the data that the line names, a word each
    local data=(${_kv_data:+--data "$_kv_data"}) IFS=$'\n'
    COMPREPLY=($(compgen -W "$(kv "${data[@]}" "$@" 2> /dev/null | sed 's/[\\"'\''$`]/\\&/g')" -- "$cur"))
}

_kv() {
    local cur=${COMP_WORDS[COMP_CWORD]} word command= operands=0 i _kv_data= bucket=
    COMPREPLY=()
    # bash divides words at colons, which keys often have.
    local line=${COMP_LINE:0:COMP_POINT} words
    read -ra words <<< "$line"
    [[ $line == *" " ]] && words+=("")
    cur=${words[-1]}
    for ((i = 1; i < ${#words[@]} - 1; i++)); do
        word=${words[i]}
        case $word in
        --data | --prefix | --limit | --peer)
            i=$((i + 1))
            [[ $word == --data ]] && _kv_data=${words[i]}
            ;;
        --data=*) _kv_data=${word#--data=} ;;
        -?*) ;;
        *)
            if [[ -z $command ]]; then
                command=$word
            else
                operands=$((operands + 1))
                [[ $operands == 1 ]] && bucket=$word
            fi
            ;;
        esac
    done
    if [[ ${words[-2]} == --data ]]; then
        COMPREPLY=($(compgen -d -- "$cur"))
        return
    fi
    if [[ $cur == -* ]]; then
        local options="--data --json --help --version"
        case $command in
        get) options+=" --counter" ;;
        list) options+=" --prefix --limit --long -0" ;;
        buckets) options+=" --prefix --limit -0" ;;
        swap | cp | mv) options+=" --absent" ;;
        watch) options+=" --limit" ;;
        export | import) options+=" --all" ;;
        delete-bucket) options+=" --yes" ;;
        doctor) options+=" --peer --serve" ;;
        esac
        COMPREPLY=($(compgen -W "$options" -- "$cur"))
        return
    fi
    case $command:$operands in
    :0 | help:0)
        COMPREPLY=($(compgen -W "get set delete exists increment swap cp mv edit stat get-many set-many delete-many list \
            watch export import buckets create-bucket delete-bucket info doctor help" -- "$cur"))
        ;;
    doctor:0) COMPREPLY=($(compgen -d -- "$cur")) ;;
    info:* | buckets:* | help:* | create-bucket:*) ;;
    *:0) _kv_lines buckets ;;
    list:* | export:* | import:* | delete-bucket:*) ;;
    get-many:* | delete-many:* | cp:* | mv:* | *:1) _kv_lines list "$bucket" --prefix "$cur" --limit 1000 ;;
    esac
    # What bash has before the last colon is not its to replace.
    if [[ $cur == *:* && $COMP_WORDBREAKS == *:* ]]; then
        local before=${cur%"${cur##*:}"}
        COMPREPLY=("${COMPREPLY[@]#"$before"}")
    fi
}

complete -F _kv kv
