using Keyturn.Engines;
using Keyturn.Instances;

namespace Keyturn.Resets;

/// <summary>What refuses a reset before anything is stored or sent.</summary>
internal static class ResetRules
{
    private const int MostRoles = 512;

    /// <summary>By the request alone.</summary>
    internal static Refusal? Refuse(ResetRequest request, IEngine engine)
    {
        if (Refusal.Of(request.Instance) is { } status)
        {
            return status;
        }

        if (engine.Validate(request.Account) is { } invalid)
        {
            return Refusal.Of(invalid);
        }

        if (ReservedAccounts.Find(engine.Name, request.Account) is { } reserved)
        {
            return new Refusal(RefusalReason.Protected, reserved);
        }

        if (request.AuthPlugin is not null && !engine.Traits.HasFlag(EngineTraits.AccountHasPlugin))
        {
            return new Refusal(RefusalReason.InvalidRequest, $"Accounts of {engine.Name} have no authentication plugin to choose.");
        }

        if (request.Roles.Count > 0 && RefuseRoles(request, engine) is { } sentence)
        {
            return new Refusal(RefusalReason.InvalidRequest, sentence);
        }

        if (Overlap.Refuse(request) is { } noOverlap)
        {
            return noOverlap;
        }

        if (request.IdempotencyKey is { } key && (key.Length is 0 or > 255 || !key.All(c => c is > ' ' and <= '~')))
        {
            return new Refusal(RefusalReason.InvalidRequest, "An idempotency key is 1 to 255 printable ASCII characters.");
        }

        var policy = request.Policy ?? request.Instance.PasswordPolicy;
        return request.Spread is null && request.Password is { } given && policy.Check(given, request.Account) is { Count: > 0 } violations
            ? new Refusal(RefusalReason.PasswordPolicy, string.Join(' ', violations.Select(violation => violation.Sentence))) { Violations = violations }
            : null;
    }

    /// <summary>By what the server showed of itself and of the account.</summary>
    /// <param name="kind">Reset or create.</param>
    /// <param name="proof">How it is to be proved.</param>
    /// <param name="account">Whose password.</param>
    /// <param name="server">The server.</param>
    /// <param name="found">What it showed of the account.</param>
    /// <param name="mayBeMissing">The account is made like that of another node where it is not there.</param>
    internal static Failure? Refuse(ResetKind kind, ProofMode proof, AccountName account, ServerInfo server, Inspection found, bool mayBeMissing = false)
    {
        if (server.IsPooler)
        {
            return new Failure(EngineError.Unsupported, "The address is a pooler, which goes on letting the old password in: register the server itself.");
        }

        if (server.IsReadOnly)
        {
            return new Failure(EngineError.ReadOnlyNode, "The node is read-only.");
        }

        if (found.MayChangePassword == false)
        {
            return new Failure(EngineError.AdminLacksPrivilege, "The admin login may not do this.").Lacking(found.MissingGrant);
        }

        if (kind == ResetKind.Create)
        {
            return found.Exists ? new Failure(EngineError.AccountExists, $"{account} exists already.")
                : found.GrantFor(Capability.Accounts) is { } grant ? new Failure(EngineError.AdminLacksPrivilege, "The admin login may not make accounts.").Lacking(grant)
                : null;
        }

        return mayBeMissing && !found.Exists ? null : RefuseAccount(proof, account, found);
    }

    private static string? RefuseRoles(ResetRequest request, IEngine engine) => request switch
    {
        _ when !engine.Traits.HasFlag(EngineTraits.AccountHasRoles) => $"Accounts of {engine.Name} have no roles to choose.",
        { Kind: not ResetKind.Create } => "Roles are given to an account when it is made; a reset leaves them as they are.",
        { Roles.Count: > MostRoles } => $"There are at most {MostRoles} roles.",
        _ when !request.Roles.All(role => IsRoleText(role.Name) && IsRoleText(role.Database)) => "A role and its database have 1 to 64 printable characters.",
        _ => null,
    };

    private static bool IsRoleText(string text) => text.Length is > 0 and <= 64 && !text.Any(char.IsControl);

    private static Failure? RefuseAccount(ProofMode proof, AccountName account, Inspection found)
    {
        if (!found.Exists)
        {
            return new Failure(EngineError.AccountMissing, $"There is no account {account}.");
        }

        var rows = found.Rows.Where(row => row.ByPassword).ToList();
        if (rows.Count == 0)
        {
            return new Failure(EngineError.AccountHasNoPassword, $"{account} authenticates by {found.Rows[0].Method}.");
        }

        if (proof == ProofMode.Readback && !found.CanReadBack)
        {
            return new Failure(EngineError.AdminLacksPrivilege, "The admin login may not read verifiers back, which proof mode readback needs.").Lacking(found.GrantFor(Capability.Readback));
        }

        // PasswordNotAsked ends with the change; whatever else stands in the way of a login now will stand there after it.
        return proof == ProofMode.Login && rows.TrueForAll(row => row.LoginObstacle is not (EngineError.None or EngineError.PasswordNotAsked))
            ? new Failure(rows[0].LoginObstacle, $"{account} cannot log in as it stands, so that a reset could not be proved.")
            : null;
    }
}
