using System.CommandLine;

namespace Keyturn.Cli.Commands;

/// <summary>
/// <c>keyturn completion</c>. The scripts hand the line as far as it is typed to <c>keyturn "[suggest:POSITION]" LINE</c>, the form that
/// dotnet-suggest uses too, so that a shell learns of new options by itself.
/// </summary>
internal static class CompletionCommand
{
    private const string Bash =
        """
        # keyturn completion bash > /etc/bash_completion.d/keyturn
        _keyturn() {
            local typed=${COMP_LINE:0:COMP_POINT}
            local line="keyturn ${typed#* }"
            mapfile -t COMPREPLY < <(compgen -W "$(keyturn "[suggest:${#line}]" "$line" 2>/dev/null)" -- "${COMP_WORDS[COMP_CWORD]}")
        }
        complete -o default -F _keyturn keyturn
        """;

    private const string Zsh =
        """
        #compdef keyturn
        # keyturn completion zsh > "${fpath[1]}/_keyturn"
        _keyturn() {
            local line="keyturn ${(j: :)words[2,CURRENT]}"
            local -a candidates=("${(@f)$(keyturn "[suggest:${#line}]" "$line" 2>/dev/null)}")
            compadd -- $candidates || _files
        }
        compdef _keyturn keyturn
        """;

    private const string Fish =
        """
        # keyturn completion fish > ~/.config/fish/completions/keyturn.fish
        function __keyturn_complete
            set -l line "keyturn "(commandline -cp | string replace -r '^\S+\s*' '')
            keyturn "[suggest:"(string length -- $line)"]" $line 2>/dev/null
        end
        complete -c keyturn -a '(__keyturn_complete)'
        """;

    public static Command Create(Terminal terminal)
    {
        var shell = new Argument<string>("SHELL") { Description = "The shell" };
        shell.AcceptOnlyFromAmong("bash", "zsh", "fish");
        var command = new Command("completion", "Print a script that completes this command's words in a shell") { shell };
        command.SetAction(parse => terminal.Out.WriteLine(parse.GetValue(shell) switch { "bash" => Bash, "zsh" => Zsh, _ => Fish }));
        return command;
    }
}
