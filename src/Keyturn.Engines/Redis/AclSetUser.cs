using System.Security.Cryptography;
using System.Text;
using Keyturn.Instances;
using Keyturn.Passwords;
using Keyturn.Wire.Redis;

namespace Keyturn.Engines.Redis;

/// <summary>The forms of ACL SETUSER that Keyturn sends. The server applies all rules of one command, or none.</summary>
internal static class AclSetUser
{
    /// <summary>
    /// Leaves <paramref name="password"/> the only one; <c>resetpass</c> also ends <c>nopass</c>. On or off, and rights, stay.
    /// </summary>
    /// <remarks>
    /// SETUSER would create a user that has been dropped since it was read. So the first rule removes a password that it must still
    /// have: for a new user that is an error, and nothing is applied. A user without passwords offers no such hold. Dropped in between,
    /// it would come back, switched off and without rights, and the proof by login would fail.
    /// </remarks>
    public static RespCommand Change(AccountName account, AclUser user, Secret password, SendMode send) =>
        user.Hashes is [var held, ..]
            ? new RespCommand("ACL", "SETUSER", account.User, $"!{held}", "resetpass", PasswordRule(password, send))
            : new RespCommand("ACL", "SETUSER", account.User, "resetpass", PasswordRule(password, send));

    /// <summary>
    /// Leaves <paramref name="password"/> and, where the user still has it, <paramref name="old"/>: what somebody has taken away does not come
    /// back. Null where the user has neither. The first rule is that of <see cref="Change"/>.
    /// </summary>
    public static RespCommand? Keep(AccountName account, AclUser user, Secret password, Secret old, SendMode send)
    {
        var (hash, oldHash) = (Hash(password), Hash(old));
        return user.Hashes.Contains(oldHash) ? new RespCommand("ACL", "SETUSER", account.User, $"!{oldHash}", "resetpass", PasswordRule(password, send), $"#{oldHash}")
            : user.Hashes.Contains(hash) ? new RespCommand("ACL", "SETUSER", account.User, $"!{hash}", "resetpass", PasswordRule(password, send))
            : null;
    }

    /// <summary>
    /// Leaves <paramref name="password"/> the only one, by its hash: nothing new is set. Null where the user has it not, or has another beside the
    /// two: there is no order among passwords, so that one may be newer.
    /// </summary>
    public static RespCommand? Discard(AccountName account, AclUser user, Secret password, Secret? old)
    {
        var hash = Hash(password);
        var oldHash = old is null ? null : Hash(old);
        return user.Hashes.Contains(hash) && user.Hashes.All(held => held == hash || held == oldHash)
            ? new RespCommand("ACL", "SETUSER", account.User, $"!{hash}", "resetpass", $"#{hash}")
            : null;
    }

    /// <summary>A user that may log in and nothing else.</summary>
    public static RespCommand Create(AccountName account, Secret password, SendMode send) =>
        new("ACL", "SETUSER", account.User, "reset", "on", "resetchannels", PasswordRule(password, send));

    /// <summary>A user like that of another node: its rules, with this as its only password.</summary>
    /// <param name="account">Its name.</param>
    /// <param name="rights">As <see cref="RightsOf"/> reads them.</param>
    /// <param name="password">Its password.</param>
    /// <param name="send">As hash, or as it is.</param>
    public static RespCommand CreateLike(AccountName account, string rights, Secret password, SendMode send) =>
        new(["ACL", "SETUSER", account.User, "reset", .. rights.Split(' ', StringSplitOptions.RemoveEmptyEntries), PasswordRule(password, send)]);

    /// <summary>
    /// The rules of a line of ACL LIST without its passwords. Names and patterns have no spaces; the server takes a selector, which has, word by word too.
    /// </summary>
    public static string RightsOf(string line) => string.Join(' ', line.Split(' ').Skip(2).Where(rule => rule is not ['#', ..] and not "nopass"));

    /// <summary>What the server keeps of a password. It takes lower-case digits only.</summary>
    public static string Hash(Secret password) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(password.Reveal())));

    private static string PasswordRule(Secret password, SendMode send) => send == SendMode.Clear ? $">{password.Reveal()}" : $"#{Hash(password)}";
}
