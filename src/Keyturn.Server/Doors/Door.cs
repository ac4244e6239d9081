namespace Keyturn.Server.Doors;

/// <summary>One way to speak to Keyturn over HTTP: the native API, or a provider's dialect.</summary>
/// <param name="Name">As <c>keyturn serve --dialect</c> calls it.</param>
internal sealed record Door(string Name)
{
    /// <summary>The provider's paths, for people.</summary>
    public required string Paths { get; init; }

    /// <summary>Whether a request is for this door, by its path, where several doors answer at one address.</summary>
    public required Func<HttpRequest, bool> IsAskedBy { get; init; }

    /// <summary>Authentication scheme of its callers.</summary>
    public required string Scheme { get; init; }

    /// <summary>Writes an error that no handler wrote (no such route, not signed in, a broken request, an exception), whose status is set already.</summary>
    public required Func<HttpContext, Task> WriteErrorAsync { get; init; }

    /// <summary>Whether an instance that the caller may not read does not exist for it (404); else it is told that it may not (403), also of one that there is not.</summary>
    public bool HidesInstances { get; init; }

    /// <summary>How a request's id is written: <c>D</c> with hyphens, <c>N</c> without.</summary>
    public string RequestIdFormat { get; init; } = "D";

    /// <summary>The door that answers with it at an address of its own: the sign-in of Huawei's services is at each of them.</summary>
    public Door? Companion { get; init; }

    /// <inheritdoc/>
    public bool Equals(Door? other) => other is not null && Name == other.Name;

    /// <inheritdoc/>
    public override int GetHashCode() => Name.GetHashCode(StringComparison.Ordinal);
}
