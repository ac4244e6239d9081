namespace Keyturn.Crash.Nodes;

/// <summary>How the nodes of one store are started: all of them alike.</summary>
/// <param name="Program">The built <c>keyturn</c>.</param>
/// <param name="Store">As <c>--store</c> has it: a file's path, or a connection string.</param>
/// <param name="Folder">Where the master key and the token are, apart from the store.</param>
internal sealed record NodePlan(string Program, string Store, string Folder)
{
    /// <summary>Words before the program: what runs it with less rights, or less room.</summary>
    public IReadOnlyList<string> Before { get; init; } = [];

    /// <summary>The folder that keeps what the nodes write; null where nobody wants it.</summary>
    public string? Logs { get; init; }

    public IReadOnlyDictionary<string, string> Environment { get; init; } = new Dictionary<string, string>();

    /// <summary>Whether <see cref="Store"/> is a connection string. It has a password, and is no argument.</summary>
    public bool IsShared => Store.Contains('=', StringComparison.Ordinal);

    public string TokenFile => Path.Combine(Folder, "token");

    public string Token => File.ReadAllText(TokenFile).Trim();

    public string[] StoreOptions => [.. IsShared ? (string[])[] : ["--store", Store], "--master-key", Path.Combine(Folder, "master.key")];
}
