namespace Keyturn.Access;

/// <summary>Who may call Keyturn.</summary>
/// <param name="Id">Made by Keyturn.</param>
/// <param name="ProjectId">The project it works in.</param>
/// <param name="Name">Unique within the project.</param>
/// <param name="CreatedAt">When it was made.</param>
public sealed record Principal(Guid Id, Guid ProjectId, string Name, DateTimeOffset CreatedAt);

/// <summary>Principals and the hashes of their tokens.</summary>
public interface IPrincipalStore
{
    /// <summary>Adds a principal (and its project, where it is new) with the hash of its first token.</summary>
    ValueTask AddAsync(Principal principal, ReadOnlyMemory<byte> tokenHash, CancellationToken cancel);

    /// <summary>The principal that owns the token with this hash; null when none does.</summary>
    ValueTask<Principal?> FindByTokenHashAsync(ReadOnlyMemory<byte> tokenHash, CancellationToken cancel);

    /// <summary>Whether there is any principal yet.</summary>
    ValueTask<bool> IsEmptyAsync(CancellationToken cancel);
}
