using Keyturn.Instances;
using Keyturn.Passwords;

namespace Keyturn.Engines;

/// <summary>One node, and how to speak to it.</summary>
/// <param name="Node">The address.</param>
/// <param name="Tls">How the connection is protected.</param>
/// <param name="Send">What travels when a password is set.</param>
/// <param name="StatementLimit">The server-side limit to ask for, for each statement of a change.</param>
/// <param name="ConnectLimit">Our own limit for connect, TLS handshake and login together.</param>
public sealed record Target(Node Node, TlsSettings Tls, SendMode Send, TimeSpan StatementLimit, TimeSpan ConnectLimit)
{
    /// <summary>Connect, handshake and login together, unless said otherwise.</summary>
    public static readonly TimeSpan DefaultConnectLimit = TimeSpan.FromSeconds(5);

    /// <summary>All nodes of the instance, for engines that find the one to speak to themselves (MongoDB).</summary>
    public IReadOnlyList<Node> Seeds { get; init; } = [];

    /// <summary>The way to <paramref name="node"/> of <paramref name="instance"/>.</summary>
    public static Target Of(Instance instance, Node node) =>
        new(node, instance.Tls, instance.Send, instance.StatementLimit, DefaultConnectLimit) { Seeds = instance.Nodes };
}

/// <summary>A name and its password.</summary>
/// <param name="Account">Whose.</param>
/// <param name="Password">Which.</param>
public sealed record Credential(AccountName Account, Secret Password);
