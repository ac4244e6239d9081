using Keyturn.Storage.Sealing;

namespace Keyturn.Storage.Care;

/// <summary>Opening for nothing but to see whether it opens.</summary>
internal static class SealTrial
{
    public static void TryOpen(this KeyRing keys, string where, SealedText text, SealContext context, List<StoreFinding> findings)
    {
        // A data key that does not open is told once, as itself.
        if (!keys.Knows(text.DataKeyId))
        {
            return;
        }

        try
        {
            keys.Open(text, context);
        }
        catch (StoreException e)
        {
            findings.Add(new StoreFinding(where, e.Message));
        }
    }
}
