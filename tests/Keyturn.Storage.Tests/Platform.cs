using System.Runtime.Versioning;

// File modes and flock(1): Keyturn runs, and is tested, on Unix.
[assembly: UnsupportedOSPlatform("windows")]
