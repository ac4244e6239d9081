using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using Keyturn.Access;
using Keyturn.Checks;
using Keyturn.Engines;
using Keyturn.Instances;
using Keyturn.Passwords;
using Keyturn.Resets;
using Keyturn.Server.Api.Access;
using Keyturn.Server.Api.Accounts;
using Keyturn.Server.Api.Instances;
using Keyturn.Server.Api.Operations;
using Keyturn.Server.Api.Principals;
using Keyturn.Server.Api.Resets;
using Keyturn.Server.Hosting;

namespace Keyturn.Server.Api;

/// <summary>The native API's JSON: snake_case, absent instead of null, unknown members ignored, a member twice refused.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    AllowDuplicateProperties = false,
    RespectNullableAnnotations = true,
    Converters =
    [
        typeof(SecretJson),
        typeof(KebabCase<Capability>), typeof(KebabCase<CredentialKind>), typeof(KebabCase<EngineError>), typeof(KebabCase<ImportResult>), typeof(KebabCase<InstanceStatus>), typeof(KebabCase<Login>), typeof(KebabCase<NodeRole>),
        typeof(KebabCase<NodeStep>), typeof(KebabCase<ProofMode>), typeof(KebabCase<ResetKind>), typeof(KebabCase<ResetState>),
        typeof(KebabCase<SecretState>), typeof(KebabCase<SendMode>), typeof(KebabCase<TlsMode>), typeof(KebabCase<Verdict>),
    ])]
[JsonSerializable(typeof(Problem))]
[JsonSerializable(typeof(InstanceBody))]
[JsonSerializable(typeof(InstanceAnswer))]
[JsonSerializable(typeof(InstancesAnswer))]
[JsonSerializable(typeof(InstanceCheckAnswer))]
[JsonSerializable(typeof(InspectAnswer))]
[JsonSerializable(typeof(DiscoverAnswer))]
[JsonSerializable(typeof(RejoinBody))]
[JsonSerializable(typeof(AccountAnswer))]
[JsonSerializable(typeof(AccountsAnswer))]
[JsonSerializable(typeof(HeldAccountsAnswer))]
[JsonSerializable(typeof(ImportBody))]
[JsonSerializable(typeof(ImportAnswer))]
[JsonSerializable(typeof(AccountInspectionAnswer))]
[JsonSerializable(typeof(AdoptAnswer))]
[JsonSerializable(typeof(CreateBody))]
[JsonSerializable(typeof(ResetBody))]
[JsonSerializable(typeof(AdoptBody))]
[JsonSerializable(typeof(CheckBody))]
[JsonSerializable(typeof(ProofBody))]
[JsonSerializable(typeof(ScheduleBody))]
[JsonSerializable(typeof(ScheduleAnswer))]
[JsonSerializable(typeof(RotateAdminBody))]
[JsonSerializable(typeof(CheckAnswer))]
[JsonSerializable(typeof(VerifyAnswer))]
[JsonSerializable(typeof(SecretAnswer))]
[JsonSerializable(typeof(CandidatesAnswer))]
[JsonSerializable(typeof(VersionsAnswer))]
[JsonSerializable(typeof(SessionsAnswer))]
[JsonSerializable(typeof(ResetAnswer))]
[JsonSerializable(typeof(ResetStoryAnswer))]
[JsonSerializable(typeof(ResetsAnswer))]
[JsonSerializable(typeof(PrincipalBody))]
[JsonSerializable(typeof(PrincipalAnswer))]
[JsonSerializable(typeof(PrincipalsAnswer))]
[JsonSerializable(typeof(CredentialBody))]
[JsonSerializable(typeof(IssuedAnswer))]
[JsonSerializable(typeof(CredentialsAnswer))]
[JsonSerializable(typeof(ProjectBody))]
[JsonSerializable(typeof(ProjectAnswer))]
[JsonSerializable(typeof(PolicyBody))]
[JsonSerializable(typeof(PolicyAnswer))]
[JsonSerializable(typeof(PoliciesAnswer))]
[JsonSerializable(typeof(GroupBody))]
[JsonSerializable(typeof(GroupAnswer))]
[JsonSerializable(typeof(GroupsAnswer))]
[JsonSerializable(typeof(ExplainBody))]
[JsonSerializable(typeof(ExplainAnswer))]
[JsonSerializable(typeof(AuditAnswer))]
[JsonSerializable(typeof(StatusAnswer))]
[JsonSerializable(typeof(JsonObject))]
internal sealed partial class ApiJson : JsonSerializerContext;
