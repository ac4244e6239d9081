using System.CommandLine;

namespace Keyturn.Cli.Commands;

/// <summary>The option <c>--proof</c>.</summary>
internal static class ProofOption
{
    public static Option<string?> Create()
    {
        var option = new Option<string?>("--proof") { Description = "How this account's resets are proved from now on" };
        option.AcceptOnlyFromAmong("login", "readback", "none");
        return option;
    }
}
