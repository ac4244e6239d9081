using System.Net;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace Keyturn.Server.Doors;

/// <summary>Which doors answer where, and under which URL each is reached.</summary>
internal sealed class DoorAddresses(ServerOptions options)
{
    private readonly Dictionary<string, (Door Door, string Url)> _byHost = options.Dialects
        .Where(address => address.HostName is not null)
        .ToDictionary(address => address.HostName!, address => (DoorList.Find(address.Door)!, address.Url), StringComparer.OrdinalIgnoreCase);

    private readonly Dictionary<string, Listener> _listeners = new(StringComparer.Ordinal);

    /// <summary>The address is known when Kestrel has bound it.</summary>
    private sealed record Listener(ListenOptions Options, bool IsTls)
    {
        public string Scheme => IsTls ? "https" : "http";
    }

    /// <summary>Kestrel will listen here for the door alone.</summary>
    public void Add(Door door, ListenOptions options, bool isTls) => _listeners[door.Name] = new Listener(options, isTls);

    /// <summary>The door that a request knocks at. The rule is that of the address it came to, then that of its path.</summary>
    public Door Choose(HttpContext http)
    {
        var own = http.Features.Get<ListenerDoor>()?.Door ?? (_byHost.TryGetValue(http.Request.Host.Host, out var named) ? named.Door : null);
        return own switch
        {
            null => DoorList.All.FirstOrDefault(door => door.IsAskedBy(http.Request)) ?? DoorList.All[0],
            { Companion: { } companion } when companion.IsAskedBy(http.Request) => companion,
            _ => own,
        };
    }

    /// <summary>Scheme, host and port under which clients reach the door, without a slash at the end: its own name or listener, else where this request came to.</summary>
    public string BaseUrl(HttpContext http, Door door)
    {
        var name = _byHost.Values.Where(named => named.Door == door).Select(named => named.Url).FirstOrDefault();
        return name ?? (_listeners.TryGetValue(door.Name, out var listener) ? UrlOf(http, listener) : $"{http.Request.Scheme}://{http.Request.Host}");
    }

    /// <summary>One line for each door: where it answers.</summary>
    public IEnumerable<string> Describe() => DoorList.All.Select(door => string.Join(", ", [door.Name.PadRight(13) + door.Paths, .. OwnAddresses(door)]));

    private IEnumerable<string> OwnAddresses(Door door)
    {
        foreach (var url in options.Dialects.Where(address => address.Door == door.Name))
        {
            yield return url.IsListener && _listeners.TryGetValue(door.Name, out var listener) ? $"alone at {listener.Scheme}://{listener.Options.IPEndPoint}" : $"for requests to {url.Url}";
        }
    }

    private static string UrlOf(HttpContext http, Listener listener)
    {
        var at = listener.Options.IPEndPoint!;
        var host = at.Address.Equals(IPAddress.Any) || at.Address.Equals(IPAddress.IPv6Any) ? new HostString(http.Request.Host.Host, at.Port) : new HostString(at.Address.ToString(), at.Port);
        return $"{listener.Scheme}://{host}";
    }
}

/// <summary>The door of the listener that a connection came in by; put on the connection when Kestrel accepts it.</summary>
internal sealed record ListenerDoor(Door Door);
