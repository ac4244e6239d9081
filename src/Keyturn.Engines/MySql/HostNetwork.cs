using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Keyturn.Engines.MySql;

/// <summary>An IPv4 address, or a network of them: <c>10.0.0.1</c>, <c>10.0.0.0/255.255.255.0</c>, on MySQL also <c>10.0.0.0/24</c>.</summary>
/// <param name="Address">The address, or the network's.</param>
/// <param name="Mask">Of the network; all ones for one address.</param>
/// <param name="Kind">How it is written.</param>
internal sealed record HostNetwork(uint Address, uint Mask, HostNetworkKind Kind)
{
    /// <summary>The host part of a row as a network; null when it is a name, a pattern, or an address of IPv6.</summary>
    public static HostNetwork? TryParse(string host) => host.Split('/') switch
    {
        [var one] when ParseAddress(one) is { } address => new HostNetwork(address, uint.MaxValue, HostNetworkKind.Address),
        [var net, var mask] when ParseAddress(net) is { } address && ParseAddress(mask) is { } ones => new HostNetwork(address, ones, HostNetworkKind.Mask),
        [var net, var prefix] when ParseAddress(net) is { } address && ParsePrefix(prefix) is { } ones => new HostNetwork(address, ones, HostNetworkKind.Prefix),
        _ => null,
    };

    /// <summary>As the server compares: an address that has more bits than its mask covers nobody.</summary>
    public bool Covers(uint client) => (client & Mask) == Address;

    /// <summary>The number of an IPv4 address in four parts; null when the text is none.</summary>
    public static uint? ParseAddress(string text) =>
        text.Count(c => c == '.') == 3 && IPAddress.TryParse(text, out var address) && address.AddressFamily == AddressFamily.InterNetwork
            ? System.Buffers.Binary.BinaryPrimitives.ReadUInt32BigEndian(address.GetAddressBytes())
            : null;

    private static uint? ParsePrefix(string text) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var bits) && bits is > 0 and <= 32 ? uint.MaxValue << (32 - bits) : null;
}

/// <summary>How a network is written, the most specific way first.</summary>
internal enum HostNetworkKind
{
    Address,
    Prefix,
    Mask,
}
