using Keyturn.Access;

namespace Keyturn.Server.Dialects.HuaweiIam;

/// <summary>The credential that a request showed, or why it was refused: one of the two.</summary>
internal sealed record HuaweiCredential(KnownCredential? Known, HuaweiRefusal? Refusal)
{
    public static implicit operator HuaweiCredential(HuaweiRefusal refusal) => new(Known: null, refusal);

    public static implicit operator HuaweiCredential(KnownCredential known) => new(known, Refusal: null);
}
