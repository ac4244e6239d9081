using System.Globalization;
using Keyturn.Cli.Output;

namespace Keyturn.Cli.Commands;

/// <summary>Times as they are written in options: <c>90s</c>, <c>15m</c>, <c>12h</c>, <c>30d</c>.</summary>
internal static class TimeText
{
    public static long Seconds(string time)
    {
        var unit = time.Length == 0 ? 0 : time[^1] switch { 's' => 1, 'm' => 60, 'h' => 3600, 'd' => 86_400, _ => 0 };
        return unit > 0 && int.TryParse(time.AsSpan(..^1), NumberStyles.None, CultureInfo.InvariantCulture, out var count) && count > 0
            ? (long)count * unit
            : throw CommandFailure.Usage($"{Printable.Of(time)} is no time: it is a number and s, m, h or d, such as 30d.");
    }
}
