using Keyturn.Instances;
using Keyturn.Passwords;

namespace Keyturn.Engines.MySql;

/// <summary>One way to authenticate, as it is to be.</summary>
/// <param name="Plugin">The server's name of the plugin.</param>
/// <param name="Text">The verifier, the clear password, or what the plugin had stored and keeps.</param>
/// <param name="IsClear">Whether the text is a clear password, which the server hashes.</param>
internal sealed record NewMethod(string Plugin, string Text, bool IsClear = false)
{
    /// <summary>A password, as it is sent. The plugin is one that Keyturn knows the verifiers of.</summary>
    public static NewMethod Of(string plugin, Secret password, ServerFlavor flavor, ServerFacts server, SendMode send) => send == SendMode.Clear
        ? new NewMethod(plugin, password.Reveal(), IsClear: true)
        : new NewMethod(plugin, flavor.VerifierOf(plugin, server)!.Make(password.Reveal()));

    /// <summary>What is there, as it is.</summary>
    public static NewMethod Of(StoredMethod present) => new(present.Plugin, present.Stored);
}

/// <summary>A row, and all its ways to authenticate.</summary>
internal sealed record NewMethods(AccountName Row, IReadOnlyList<NewMethod> Methods);
