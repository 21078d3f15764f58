# fish completion for twill; `twill completion fish` prints it.
function __twill_complete
    set -l words (commandline -opc)
    set -l current (commandline -ct)
    set -l program $words[1]
    set -e words[1]
    for line in ($program complete -- $words "$current" 2>/dev/null)
        switch $line
            case ':files'
                __fish_complete_path "$current"
            case ':directories'
                __fish_complete_directories "$current"
            case ':programs'
                __fish_complete_subcommand --fcs-skip=(math (count $words) + 1)
            case '*'
                echo $line
        end
    end
end
complete -c twill -f -a '(__twill_complete)'
