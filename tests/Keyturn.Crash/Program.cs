using System.Globalization;
using System.Runtime.Versioning;
using Keyturn.Crash;

[assembly: SupportedOSPlatform("linux")]

// script/crash starts this: it has built Keyturn and started the servers.
CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
ThreadPool.SetMinThreads(64, 64);
return await CrashCommand.Create().Parse(args).InvokeAsync();
