#compdef twill
# zsh completion for twill; `twill completion zsh` prints it.
_twill() {
    local -a lines candidates options
    local line word meaning
    lines=("${(@f)$("${(Q)words[1]}" complete -- "${(@Q)words[2,CURRENT-1]}" "$PREFIX" 2>/dev/null)}")
    for line in "${lines[@]}"; do
        word=${line%%$'\t'*}
        meaning=''
        [[ $line == *$'\t'* ]] && meaning=${line#*$'\t'}
        case $word in
            '') ;;
            :files) _files ;;
            :directories) _files -/ ;;
            :programs) _command_names -e ;;
            -*) options+=("${word//:/\\:}${meaning:+:$meaning}") ;;
            *) candidates+=("${word//:/\\:}${meaning:+:$meaning}") ;;
        esac
    done
    (( ${#candidates} )) && _describe -V twill candidates
    (( ${#options} )) && _describe -o option options
    return 0
}
if [[ ${funcstack[1]} == _twill ]]; then
    _twill "$@"
elif (( $+functions[compdef] )); then
    compdef _twill twill
fi
