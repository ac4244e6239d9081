using System.Text.Json;
using System.Text.Json.Serialization;
using Keyturn.Passwords;

namespace Keyturn.Server.Hosting;

/// <summary>
/// The one place where secrets cross HTTP, in either direction. Wire records hold <see cref="Secret"/>, so that printing one by
/// mistake prints dots.
/// </summary>
internal sealed class SecretJson : JsonConverter<Secret>
{
    public override Secret Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        reader.TokenType == JsonTokenType.String ? new Secret(reader.GetString()!) : throw new JsonException();

    public override void Write(Utf8JsonWriter writer, Secret value, JsonSerializerOptions options) => writer.WriteStringValue(value.Reveal());
}
