namespace Keyturn.Wire.MySql;

/// <summary>How much of an answer is taken in; a longer one is a violation.</summary>
/// <param name="Rows">Number of rows.</param>
/// <param name="Bytes">Bytes of a whole answer, and eight for each value of it.</param>
public sealed record QueryLimits(int Rows, int Bytes)
{
    /// <summary>For statements whose answer has a few rows.</summary>
    public static readonly QueryLimits Few = new(Rows: 1_000, Bytes: 1 << 20);

    /// <summary>For lists of all there is.</summary>
    public static readonly QueryLimits List = new(Rows: 200_000, Bytes: 32 << 20);
}
