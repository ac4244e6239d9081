namespace Keyturn.Access;

/// <summary>A tenant: owns instances and principals.</summary>
/// <param name="Id">Made by Keyturn; Huawei's dialects render it as 32 hexadecimal digits.</param>
/// <param name="Name">Unique in the store. The account (domain) name that Keystone clients sign in under.</param>
/// <param name="Region">The region that Keystone clients name; there it is also the name of the project. Instances that name none are there.</param>
/// <param name="CreatedAt">When it was made.</param>
public sealed record Project(Guid Id, string Name, string Region, DateTimeOffset CreatedAt);

/// <summary>Who may call Keyturn.</summary>
/// <param name="Id">Made by Keyturn.</param>
/// <param name="ProjectId">The project it works in.</param>
/// <param name="Name">Unique within the project.</param>
/// <param name="CreatedAt">When it was made.</param>
public sealed record Principal(Guid Id, Guid ProjectId, string Name, DateTimeOffset CreatedAt)
{
    /// <summary>E-mail address, which Upstash's clients sign in with; null when it has none.</summary>
    public string? Email { get; init; }

    /// <summary>Whether it owns the project: it may do everything that no policy denies it. Others may do what their policies allow.</summary>
    public bool IsOwner { get; init; }
}
