using Keyturn.Engines;

namespace Keyturn.Server.Api;

/// <summary>Problem details (RFC 9457) with Keyturn's members.</summary>
/// <param name="Type"><c>urn:keyturn:problem:</c> and the slug: what programs look at.</param>
/// <param name="Title">The slug in words.</param>
/// <param name="Status">The HTTP status.</param>
/// <param name="Detail">What happened this time; holds no secret.</param>
internal sealed record Problem(string Type, string Title, int Status, string Detail)
{
    /// <summary>Why the server, or the way to it, said no.</summary>
    public EngineError? Cause { get; init; }

    /// <summary>What to do about the cause.</summary>
    public string? NextStep { get; init; }

    /// <summary>The violated rules, all at once.</summary>
    public IReadOnlyList<Violation>? Violations { get; init; }

    /// <summary>The reset that failed, or that stands in the way.</summary>
    public Guid? ResetId { get; init; }

    /// <summary>The request, as audit rows and logs name it.</summary>
    public string? RequestId { get; init; }
}
