using Keyturn.Instances;
using Keyturn.Wire.Redis;

namespace Keyturn.Engines.Redis;

/// <summary>A user as the server has it.</summary>
/// <param name="IsOn">Whether it may log in.</param>
/// <param name="HasNoPass">Whether any password lets it in.</param>
/// <param name="Hashes">SHA-256 of each password, 64 lower-case hexadecimal digits. Any of them lets it in.</param>
/// <param name="Commands">What it may run: <c>-@all +get …</c></param>
internal sealed record AclUser(bool IsOn, bool HasNoPass, IReadOnlyList<string> Hashes, string Commands)
{
    /// <summary>The command that changes users, and the sets that it is in.</summary>
    private static readonly string[] SetUserSets = ["acl|setuser", "acl", "@admin", "@dangerous", "@slow", "@all"];

    /// <summary>From a reply to ACL GETUSER. Later versions add fields (selectors, databases); they are not looked at.</summary>
    public static AclUser? FromReply(RespValue reply)
    {
        if (reply is not RespList user)
        {
            return null;
        }

        var flags = Texts(user, "flags");
        var commands = user.Find("commands") is RespText text ? text.Text : "";
        return new AclUser(flags.Contains("on"), flags.Contains("nopass"), Texts(user, "passwords"), commands);
    }

    /// <summary>From a line of ACL LIST: <c>user name on #hash ~* &amp;* +@all (selector)</c>. Names and rules have no spaces in them.</summary>
    public static (AccountName Name, AclUser User) FromRule(string line)
    {
        var words = line.Split(' ');
        var name = words.ElementAtOrDefault(1) ?? "";
        var rules = words.Skip(2).TakeWhile(word => !word.StartsWith('(')).ToArray();
        var hashes = rules.Where(rule => rule.StartsWith('#')).Select(rule => rule[1..]);
        var commands = rules.Where(rule => rule is ['+' or '-', ..]);
        return (new AccountName(name), new AclUser(rules.Contains("on"), rules.Contains("nopass"), [.. hashes], string.Join(' ', commands)));
    }

    /// <summary>The user as a row of its account.</summary>
    public AccountRow ToRow(AccountName name, params string[] remarks) => new()
    {
        Name = name,
        Method = HasNoPass ? "nopass" : "password",
        LoginObstacle = this switch
        {
            { IsOn: false } => EngineError.LoginNotPermitted,
            { HasNoPass: true } => EngineError.PasswordNotAsked,
            _ => EngineError.None,
        },
        IsAdmin = MayChangeAccounts(),
        Remarks = [.. Remarks(), .. remarks],
    };

    private IEnumerable<string> Remarks()
    {
        if (!IsOn)
        {
            yield return "The user is off; a reset leaves it off.";
        }

        if (HasNoPass)
        {
            yield return "The user is let in with any password (nopass); a reset ends that.";
        }

        if (Hashes.Count > 1)
        {
            yield return $"The user has {Hashes.Count} passwords; a reset leaves one.";
        }
    }

    /// <summary>The last rule that names the command, or a set that it is in, decides.</summary>
    private bool MayChangeAccounts() =>
        Commands.Split(' ').LastOrDefault(rule => rule.Length > 1 && SetUserSets.Contains(rule[1..])) is ['+', ..];

    private static string[] Texts(RespList user, string field) =>
        user.Find(field) is RespList texts ? [.. texts.Items.OfType<RespText>().Select(text => text.Text)] : [];
}
