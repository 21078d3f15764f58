# bash completion for twill; `twill completion bash` prints it.
_twill() {
    local -a words=()
    local program=${1/#\~/$HOME} i word value
    COMPREPLY=()
    for ((i = 1; i <= COMP_CWORD; i++)); do
        word=${COMP_WORDS[i]}
        # bash breaks --output=json in three words.
        if ((${#words[@]})) && [[ ${words[-1]} == --* ]] && [[ $word == = || ${words[-1]} == *= ]]; then
            words[-1]+=$word
        else
            words+=("$word")
        fi
    done
    word=${words[-1]}
    # What it replaces is only what stands behind the sign.
    local before=''
    [[ $word == --*=* ]] && before=${word%%=*}= word=${word#*=}
    while IFS=$'\t' read -r value _; do
        case $value in
            :files) compopt -o filenames; mapfile -t -O "${#COMPREPLY[@]}" COMPREPLY < <(compgen -f -- "$word") ;;
            :directories) compopt -o filenames; mapfile -t -O "${#COMPREPLY[@]}" COMPREPLY < <(compgen -d -- "$word") ;;
            :programs) mapfile -t -O "${#COMPREPLY[@]}" COMPREPLY < <(compgen -c -- "$word" | sort -u) ;;
            *) COMPREPLY+=("${value#"$before"}") ;;
        esac
    done < <("$program" complete -- "${words[@]}" 2>/dev/null)
}
complete -o nosort -F _twill twill 2>/dev/null || complete -F _twill twill
