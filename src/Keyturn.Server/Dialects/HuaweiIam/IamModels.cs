using System.Text.Json;
using System.Text.Json.Serialization;
using Keyturn.Passwords;
using Keyturn.Server.Hosting;

namespace Keyturn.Server.Dialects.HuaweiIam;

internal sealed record GatewayError(string ErrorCode, string ErrorMsg, string RequestId);

internal sealed record KeystoneError(KeystoneErrorBody Error);

internal sealed record KeystoneErrorBody(int Code, string Message, string Title);

internal sealed record AuthRequest(AuthBody? Auth);

internal sealed record AuthBody(IdentityBody? Identity, [property: JsonConverter(typeof(ScopeJson))] ScopeBody? Scope);

internal sealed record IdentityBody(IReadOnlyList<string?>? Methods, PasswordMethod? Password, TokenMethod? Token);

internal sealed record PasswordMethod(UserBody? User);

internal sealed record UserBody(string? Id, string? Name, Secret? Password, NamedBody? Domain);

internal sealed record TokenMethod(Secret? Id, int? DurationSeconds);

internal sealed record ScopeBody(ScopedProjectBody? Project, NamedBody? Domain);

/// <summary>A scope is an object, or the word by which Keystone's clients ask for none.</summary>
internal sealed class ScopeJson : JsonConverter<ScopeBody>
{
    private const string Unscoped = "unscoped";

    public override ScopeBody? Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        reader.TokenType == JsonTokenType.String && reader.ValueTextEquals(Unscoped) ? null : JsonSerializer.Deserialize(ref reader, IamJson.Default.ScopeBody);

    public override void Write(Utf8JsonWriter writer, ScopeBody value, JsonSerializerOptions options) => throw new NotSupportedException("Scopes are only read.");
}

internal sealed record ScopedProjectBody(string? Id, string? Name, NamedBody? Domain);

internal sealed record NamedBody(string? Id, string? Name);

internal sealed record TokenAnswer(Token Token);

/// <summary>A token's description. Without its catalog where the client wants none; with a project or a domain, by its scope.</summary>
internal sealed record Token(
    IReadOnlyList<string> Methods,
    string IssuedAt,
    string ExpiresAt,
    TokenUser User,
    TokenProject? Project,
    Reference? Domain,
    IReadOnlyList<Reference> Roles,
    IReadOnlyList<CatalogEntry>? Catalog);

internal sealed record TokenUser(string Id, string Name, Reference Domain, string PasswordExpiresAt);

internal sealed record TokenProject(string Id, string Name, Reference Domain);

internal sealed record Reference(string Id, string Name);

internal sealed record CatalogEntry(string Type, string Id, string Name, IReadOnlyList<CatalogEndpoint> Endpoints);

internal sealed record CatalogEndpoint(string Id, string Interface, string Region, string RegionId, string Url);

internal sealed record CatalogAnswer(IReadOnlyList<CatalogEntry> Catalog, SelfLink Links);

internal sealed record ProjectsAnswer(ListLinks Links, IReadOnlyList<ListedProject> Projects);

internal sealed record ListedProject(
    string Id, string Name, string DomainId, string ParentId, bool IsDomain, bool Enabled, string Description, SelfLink Links);

internal sealed record ProjectAnswer(ListedProject Project);

internal sealed record DomainsAnswer(IReadOnlyList<ListedDomain> Domains, ListLinks Links);

internal sealed record ListedDomain(string Id, string Name, bool Enabled, string Description, SelfLink Links);

internal sealed record DomainAnswer(ListedDomain Domain);

internal sealed record SelfLink(string Self);

/// <summary>Lists come whole. Clients parse the two that are null.</summary>
internal sealed record ListLinks(string Self)
{
    [JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    public string? Previous { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    public string? Next { get; init; }
}

internal sealed record VersionsAnswer(VersionValues Versions);

internal sealed record VersionValues(IReadOnlyList<ApiVersion> Values);

internal sealed record VersionAnswer(ApiVersion Version);

internal sealed record ApiVersion(
    string Id, string Status, IReadOnlyList<VersionLink> Links, [property: JsonPropertyName("media-types")] IReadOnlyList<MediaType> MediaTypes);

internal sealed record VersionLink(string Rel, string Href);

internal sealed record MediaType(string Base, string Type);

internal sealed record TemporaryKeysAnswer(TemporaryKeys Credential);

internal sealed record TemporaryKeys(
    string Access, Secret Secret, [property: JsonPropertyName("securitytoken")] Secret SecurityToken, string ExpiresAt);

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    AllowDuplicateProperties = false,
    Converters = [typeof(SecretJson)])]
[JsonSerializable(typeof(GatewayError))]
[JsonSerializable(typeof(KeystoneError))]
[JsonSerializable(typeof(AuthRequest))]
[JsonSerializable(typeof(TokenAnswer))]
[JsonSerializable(typeof(CatalogAnswer))]
[JsonSerializable(typeof(ProjectsAnswer))]
[JsonSerializable(typeof(ProjectAnswer))]
[JsonSerializable(typeof(DomainsAnswer))]
[JsonSerializable(typeof(DomainAnswer))]
[JsonSerializable(typeof(VersionsAnswer))]
[JsonSerializable(typeof(VersionAnswer))]
[JsonSerializable(typeof(TemporaryKeysAnswer))]
internal sealed partial class IamJson : JsonSerializerContext;
