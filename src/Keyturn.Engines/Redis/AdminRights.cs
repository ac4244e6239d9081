using Keyturn.Instances;
using Keyturn.Wire.Redis;

namespace Keyturn.Engines.Redis;

/// <summary>What an admin login must be allowed, and how to find out with nothing changed: ACL DRYRUN (Redis 7.0, Valkey).</summary>
internal static class AdminRights
{
    private sealed record Need(string Grant, bool ForChange, params string[] Command)
    {
        /// <summary>Only where the server logs in to its primary as the account.</summary>
        public bool ToFollow { get; init; }
    }

    /// <summary>The commands that ask; their replies go to <see cref="Judge"/>.</summary>
    public static IEnumerable<RespCommand> Questions(string admin, AccountName account, RedisServer server) =>
        Needs(account, server).Select(need => new RespCommand(["ACL", "DRYRUN", admin, .. need.Command]));

    /// <summary>
    /// Whether the password may be changed (null where the server would not say), and the statement that grants what is missing.
    /// Without the rights to end sessions a change can be made, but one that got stuck could not be shown to be over.
    /// </summary>
    /// <param name="admin">Who asked.</param>
    /// <param name="account">About whose password.</param>
    /// <param name="server">On which server.</param>
    /// <param name="follows">Whether the server logs in to its primary as the account.</param>
    /// <param name="replies">To <see cref="Questions"/>.</param>
    public static (bool? MayChange, string? MissingGrant) Judge(
        string admin, AccountName account, RedisServer server, bool follows, IReadOnlyList<RespValue> replies)
    {
        // Allowed is OK, and not allowed is a sentence. An error is the admin's missing right to ask, or a server that knows no DRYRUN.
        if (!replies.All(reply => reply is RespText))
        {
            return (null, null);
        }

        var missing = Needs(account, server).Zip(replies).Where(asked => asked.Second is not RespText { Text: "OK" }).Select(asked => asked.First).Where(need => follows || !need.ToFollow).ToArray();
        return missing.Length == 0
            ? (true, null)
            : (!missing.Any(need => need.ForChange), $"ACL SETUSER {admin} {string.Join(' ', missing.Select(need => need.Grant).Distinct())}");
    }

    private static IEnumerable<Need> Needs(AccountName account, RedisServer server)
    {
        yield return new("+acl|setuser", ForChange: true, "ACL", "SETUSER", account.User, "resetpass");
        if (server.AclFile != "")
        {
            yield return new("+acl|save", ForChange: true, "ACL", "SAVE");
        }
        else if (server.HasConfigFile)
        {
            yield return new("+config|rewrite", ForChange: true, "CONFIG", "REWRITE");
            yield return new("+acl|list", ForChange: true, "ACL", "LIST");
        }

        if (ReplicationLogin.MayUse(server, account))
        {
            yield return new("+config|set", ForChange: true, "CONFIG", "SET", "masterauth", "x") { ToFollow = true };
            if (server.HasConfigFile)
            {
                yield return new("+config|rewrite", ForChange: true, "CONFIG", "REWRITE") { ToFollow = true };
            }
        }

        yield return new("+client|kill", ForChange: false, "CLIENT", "KILL", "ID", "1");
        yield return new("+client|list", ForChange: false, "CLIENT", "LIST", "ID", "1");
    }
}
