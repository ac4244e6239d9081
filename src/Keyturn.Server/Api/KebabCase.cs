using System.Text.Json;
using System.Text.Json.Serialization;

namespace Keyturn.Server.Api;

/// <summary>Enums travel as their names in kebab-case, never as numbers.</summary>
internal sealed class KebabCase<TEnum>() : JsonStringEnumConverter<TEnum>(JsonNamingPolicy.KebabCaseLower, allowIntegerValues: false)
    where TEnum : struct, Enum;
