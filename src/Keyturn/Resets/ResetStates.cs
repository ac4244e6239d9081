namespace Keyturn.Resets;

/// <summary>Words for states, as stored, audited and answered.</summary>
public static class ResetStates
{
    /// <summary>Lower case.</summary>
    public static string Word(this ResetState state) => state switch
    {
        ResetState.Prepared => "prepared",
        ResetState.Undecided => "undecided",
        ResetState.Done => "done",
        ResetState.Failed => "failed",
        ResetState.Parked => "parked",
        _ => throw new ArgumentOutOfRangeException(nameof(state), state, message: null),
    };
}
