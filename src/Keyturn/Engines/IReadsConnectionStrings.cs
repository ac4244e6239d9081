using Keyturn.Instances;

namespace Keyturn.Engines;

/// <summary>For engines whose servers are known by a connection string with several addresses in it, or with a name to look up (MongoDB).</summary>
public interface IReadsConnectionStrings
{
    /// <summary>
    /// What <paramref name="text"/> says of an instance, or why it cannot be used. A failure does not repeat it: it may have a password in it.
    /// </summary>
    ValueTask<Answer<ConnectionTargets>> ReadAsync(string text, CancellationToken cancel);
}

/// <summary>What a connection string says of an instance.</summary>
/// <param name="Nodes">Where its servers are: at least one.</param>
/// <param name="AuthDatabase">The database that the admin login is defined in, where it says.</param>
/// <param name="HasTls">Whether they speak TLS, where it says.</param>
public sealed record ConnectionTargets(IReadOnlyList<Node> Nodes, string? AuthDatabase, bool? HasTls);
