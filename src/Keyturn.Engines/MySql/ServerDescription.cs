using Keyturn.Instances;
using Keyturn.Wire.MySql;

namespace Keyturn.Engines.MySql;

/// <summary>Tells the domain what connecting showed.</summary>
internal static class ServerDescription
{
    /// <summary>From the server's facts, and from the connection itself.</summary>
    public static ServerInfo Of(MySqlConnection connection, ServerFlavor flavor, ServerFacts facts, Node node) => new()
    {
        Product = flavor.Product,
        Version = facts.VersionText,
        Identity = IdentityOf(facts) ?? node.Address,
        IsReadOnly = facts.IsReadOnly,
        IsPooler = IsPooler(connection, facts),
        TlsProtocol = connection.Transport.TlsProtocol,
        Remarks = [.. Remarks(flavor, facts)],
    };

    /// <summary>
    /// MySQL makes server_uuid at first start and keeps it in its data folder. MariaDB computes server_uid of the machine and the port; releases
    /// of before it was a variable (10.11 has it) have nothing of their own, and go by their address.
    /// </summary>
    private static string? IdentityOf(ServerFacts facts) => facts["server_uuid"] ?? facts["server_uid"];

    /// <summary>Whoever greets with another number than the server's own stands in between, and shares connections.</summary>
    private static bool IsPooler(MySqlConnection connection, ServerFacts facts) =>
        ulong.TryParse(facts.ConnectionId, out var id) && (uint)id != connection.ThreadId;

    private static IEnumerable<string> Remarks(ServerFlavor flavor, ServerFacts facts)
    {
        var refusesHashes = facts.IsOn("strict_password_validation");
        foreach (var validation in facts.Validations)
        {
            yield return refusesHashes
                ? $"{validation} judges passwords, and refuses hashes (strict_password_validation): set the send mode to clear"
                : $"{validation} judges clear passwords; a hash, which Keyturn sends unless told otherwise, passes by it";
        }

        if (IdentityOf(facts) is null)
        {
            yield return $"this {flavor.Product} has no identity of its own: it is known by its address";
        }
    }
}
