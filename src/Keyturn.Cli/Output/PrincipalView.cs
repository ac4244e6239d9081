using System.Text.Json;

namespace Keyturn.Cli.Output;

/// <summary>Principals, their credentials and their project, for people.</summary>
internal static class PrincipalView
{
    public static void WritePrincipal(this Terminal terminal, JsonElement principal) => terminal.WriteList(
        ("principal", principal.Text("name")),
        ("id", principal.Text("id")),
        ("e-mail", principal.Text("email")),
        ("owner", principal.Text("owner")),
        ("created", principal.Text("created_at")));

    public static void WritePrincipals(this Terminal terminal, JsonElement body) => terminal.WriteTable(body.Items("principals"), "name", "email", "owner", "created_at", "id");

    /// <summary>All of a credential but its secret.</summary>
    public static void WriteCredential(this Terminal terminal, JsonElement credential, string email) => terminal.WriteList(
        (credential.Text("kind") == "access-key" ? "access key (AK)" : "credential", PublicOf(credential)),
        ("id", credential.Text("id")),
        ("label", credential.Text("label")),
        ("e-mail", email),
        ("scopes", credential.Text("scopes")),
        ("expires", EndOf(credential)));

    public static void WriteCredentials(this Terminal terminal, JsonElement body) => terminal.WriteTable(
        ["KIND", "ACCESS KEY", "LABEL", "SCOPES", "EXPIRES", "ID"],
        body.Items("credentials").Select(credential => new[]
        {
            credential.Text("kind"), credential.Text("public_id"), credential.Text("label"), credential.Text("scopes"), EndOf(credential), credential.Text("id"),
        }));

    public static void WriteProject(this Terminal terminal, JsonElement project) => terminal.WriteList(
        ("project", project.Text("name")),
        ("id", project.Text("id")),
        ("region", project.Text("region")));

    private static string PublicOf(JsonElement credential) => credential.Text("public_id") is { Length: > 0 } accessKey ? accessKey : credential.Text("kind");

    private static string EndOf(JsonElement credential) => credential.Text("expires_at") is { Length: > 0 } end ? end : "never";
}
