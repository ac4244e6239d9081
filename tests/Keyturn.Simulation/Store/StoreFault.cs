namespace Keyturn.Simulation.Store;

/// <summary>The store does not do what it was asked, or does not say.</summary>
internal sealed class StoreFault(string message) : Exception(message);

/// <summary>What becomes of one write.</summary>
internal enum WriteFate
{
    /// <summary>Written, and said so.</summary>
    Written,

    /// <summary>Written, synced, and its answer never comes.</summary>
    WrittenWithoutAnswer,

    /// <summary>Committed on one machine only: seen by everybody, and lost should that machine be. The writer is told that much.</summary>
    WrittenLocally,

    /// <summary>The commit goes on after its writer was cut off, and lands later; nobody else gets at the account before.</summary>
    WrittenLate,

    /// <summary>The writer is cut off before anything is written, and cannot tell.</summary>
    LostWithoutAnswer,
}
