using Xunit.v3;

namespace Keyturn.LiveTests;

/// <summary>What of Keyturn a test shows on its server; it has a row in docs/engines.md. On a class: all of its tests.</summary>
[AttributeUsage(AttributeTargets.Class | AttributeTargets.Method, AllowMultiple = true)]
public sealed class FeatureAttribute(string name) : Attribute, ITraitAttribute
{
    public const string Trait = "feature";

    public const string RefusalTrait = "refusal";

    public string Name { get; } = name;

    /// <summary>Why the server has it not. The test shows that it has not, and that Keyturn says so.</summary>
    public string? Refused { get; init; }

    public IReadOnlyCollection<KeyValuePair<string, string>> GetTraits() => [Refused is null ? new(Trait, Name) : new(RefusalTrait, $"{Name}: {Refused}")];
}

/// <summary>The rows of docs/engines.md; script/engines.d/features.json has a sentence on each.</summary>
internal static class Feature
{
    public const string Check = "Check a password";
    public const string Reset = "Reset a password";
    public const string AnyText = "Any name, any password";
    public const string Accounts = "Create, list and drop accounts";
    public const string ReadBack = "Read back what is stored";
    public const string VerifiedTls = "Verified TLS";
    public const string EndSession = "End the session of a change";
    public const string Causes = "Name the cause";
    public const string Sessions = "Count and end an account's sessions";
    public const string WholeProgram = "The whole program";
    public const string KeepOld = "Keep the old password beside the new one";
    public const string Rights = "Name the missing right";
    public const string States = "Tell account states apart";
    public const string NoTrace = "Leave no password in logs";
    public const string Rows = "Several rows of a user";
    public const string Alternatives = "Several methods of an account";
    public const string Persist = "Survive a restart";
    public const string Nodes = "Tell the other nodes";
    public const string Replicas = "Users of each node";
    public const string Scram = "scram-sha-256";
    public const string Md5 = "md5";
    public const string Clear = "password";
    public const string Native = "mysql_native_password";
    public const string CachingSha2 = "caching_sha2_password";
    public const string Sha256 = "sha256_password";
    public const string Ed25519 = "ed25519";
    public const string Parsec = "parsec";
}
