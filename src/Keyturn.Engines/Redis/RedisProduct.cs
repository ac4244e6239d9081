namespace Keyturn.Engines.Redis;

/// <summary>The two products that speak this protocol. An instance is registered as one of them, and is not mistaken for the other.</summary>
/// <param name="Engine">The engine's name in registrations.</param>
/// <param name="Name">The product's name as it writes itself.</param>
internal sealed record RedisProduct(string Engine, string Name)
{
    public static readonly RedisProduct Redis = new("redis", "Redis");

    public static readonly RedisProduct Valkey = new("valkey", "Valkey");
}
