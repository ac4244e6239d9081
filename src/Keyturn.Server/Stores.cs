using Keyturn.Access;
using Keyturn.Audit;
using Keyturn.Instances;
using Keyturn.Passwords;
using Keyturn.Resets;

namespace Keyturn.Server;

/// <summary>The parts of one open store.</summary>
internal sealed record Stores(IInstanceStore Instances, ISecretStore Secrets, IResetStore Resets, IAuditLog Audit, IPrincipalStore Principals);
