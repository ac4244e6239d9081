using System.CommandLine;

namespace Keyturn.Cli.Commands;

/// <summary>The argument INSTANCE.</summary>
internal static class InstanceArgument
{
    public static Argument<string> Create() => new("INSTANCE") { Description = "Name or id of the instance" };
}
