using System.Text.Json;
using System.Text.Json.Serialization;
using Keyturn.Engines;

namespace Keyturn.Storage.Tables;

/// <summary>Roles as the store holds them: a JSON array of pairs, role and database; null where there are none.</summary>
internal static class RolesColumn
{
    public static string? Text(IReadOnlyList<AccountRole> roles) =>
        roles.Count == 0 ? null : JsonSerializer.Serialize([.. roles.Select(role => (string[])[role.Name, role.Database])], RolesJson.Default.StringArrayArray);

    public static IReadOnlyList<AccountRole> Read(string? json) =>
        json is null ? [] : [.. JsonSerializer.Deserialize(json, RolesJson.Default.StringArrayArray)!.Select(pair => new AccountRole(pair[0], pair[1]))];
}

[JsonSerializable(typeof(string[][]))]
internal sealed partial class RolesJson : JsonSerializerContext;
