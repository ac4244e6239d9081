using Keyturn.Access;
using Keyturn.Passwords;
using Keyturn.Server.Access;
using Keyturn.Storage;

namespace Keyturn.Cli.Commands;

/// <summary>A project that is not there yet, with who may do everything in it and that one's token.</summary>
/// <param name="Project">The project.</param>
/// <param name="Principal">Its owner.</param>
/// <param name="Token">Shown once; a store has only its hash.</param>
/// <param name="Maker">The command that made it: the token's label.</param>
internal sealed record FirstOwner(Project Project, Principal Principal, Secret Token, string Maker)
{
    /// <summary>False if the project's name is taken, or the owner's e-mail address.</summary>
    public ValueTask<bool> AddToAsync(Store store, CancellationToken cancel)
    {
        var credential = new PrincipalCredential(Guid.CreateVersion7(Principal.CreatedAt), Principal.Id, CredentialKind.Token, Maker, Principal.CreatedAt);
        return store.Principals.AddProjectAsync(Project, Principal, credential, new CredentialMaterial(ApiToken.Hash(Token)), cancel);
    }
}
