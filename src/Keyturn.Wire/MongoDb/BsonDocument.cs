using System.Collections;

namespace Keyturn.Wire.MongoDb;

/// <summary>
/// A document: names and values in their order. Has no text form on purpose: commands hold passwords, and replies verifiers.
/// </summary>
/// <remarks>
/// Values are <see cref="string"/>, <see cref="int"/>, <see cref="long"/>, <see cref="double"/>, <see cref="bool"/>, <see cref="byte"/>[],
/// <see cref="BsonId"/>, <see cref="BsonDocument"/>, a list of values, null, or <see cref="BsonOther"/>.
/// </remarks>
public sealed class BsonDocument : IEnumerable<KeyValuePair<string, object?>>
{
    private readonly List<KeyValuePair<string, object?>> _elements = [];

    /// <summary>The value of that name, the first if there are several; null when there is none.</summary>
    public object? this[string name] => _elements.Find(element => element.Key == name).Value;

    /// <summary>Adds an element at the end.</summary>
    public void Add(string name, object? value) => _elements.Add(new(name, value));

    /// <summary>Whether there is an element of that name, of whatever value.</summary>
    public bool Has(string name) => _elements.Exists(element => element.Key == name);

    /// <summary>A string; null when it is absent or something else.</summary>
    public string? Text(string name) => this[name] as string;

    /// <summary>A document; null when it is absent or something else.</summary>
    public BsonDocument? Document(string name) => this[name] as BsonDocument;

    /// <summary>Bytes; null when they are absent or something else.</summary>
    public byte[]? Bytes(string name) => this[name] as byte[];

    /// <summary>A whole number of whichever type; null when it is absent or something else.</summary>
    public long? Integer(string name) => this[name] switch
    {
        int number => number,
        long number => number,
        double number when double.IsInteger(number) && Math.Abs(number) <= 1L << 53 => (long)number,
        _ => null,
    };

    /// <summary>True, or a number other than zero: servers answer <c>ok</c> with either.</summary>
    public bool IsTrue(string name) => this[name] is true || Integer(name) is not (null or 0);

    /// <summary>The elements of an array that are of that type; none when there is no array.</summary>
    public IEnumerable<T> List<T>(string name) => (this[name] as IReadOnlyList<object?> ?? []).OfType<T>();

    /// <inheritdoc/>
    public IEnumerator<KeyValuePair<string, object?>> GetEnumerator() => _elements.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}

/// <summary>An ObjectId.</summary>
/// <param name="Hex">Its 12 bytes in lower-case digits.</param>
public sealed record BsonId(string Hex);

/// <summary>A value of a type that nothing of ours is answered with: read over, not kept.</summary>
/// <param name="Type">Its type.</param>
public sealed record BsonOther(byte Type);
