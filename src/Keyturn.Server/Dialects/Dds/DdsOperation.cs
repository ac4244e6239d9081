namespace Keyturn.Server.Dialects.Dds;

/// <summary>What is done to an account, as errors speak of it.</summary>
/// <param name="Name">For the sentence about a status that does not allow it.</param>
/// <param name="Failed">Said where the database refuses for a reason that has no code of its own.</param>
internal sealed record DdsOperation(string Name, DdsError Failed)
{
    /// <summary>A check changes nothing, so that one without a verdict may be repeated.</summary>
    public static readonly DdsOperation Check = new("check password", DdsError.Server);

    public static readonly DdsOperation Reset = new("reset password", DdsError.NotReset);
    public static readonly DdsOperation Create = new("create database user", DdsError.NotCreated);
    public static readonly DdsOperation List = new("query database users", DdsError.NotListed);
    public static readonly DdsOperation Delete = new("delete database user", DdsError.NotDeleted);
}
