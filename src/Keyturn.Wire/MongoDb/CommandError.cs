namespace Keyturn.Wire.MongoDb;

/// <summary>What a server says no with: <c>{ok: 0, code, codeName, errmsg}</c>.</summary>
/// <param name="Code">Number of the error; 0 where the server gives none.</param>
/// <param name="Name">Its name.</param>
/// <param name="Message">The server's sentence.</param>
public sealed record CommandError(int Code, string Name, string Message)
{
    /// <summary>The refusal in <paramref name="reply"/>; null where the command was done.</summary>
    public static CommandError? Of(BsonDocument reply) =>
        reply.IsTrue("ok") ? null : new((int)Math.Clamp(reply.Integer("code") ?? 0, 0, int.MaxValue), reply.Text("codeName") ?? "", reply.Text("errmsg") ?? "");

    /// <summary>
    /// The command was done on this server, and its write concern was not met: others of its set may not have it (<c>writeConcernError</c>).
    /// </summary>
    public static CommandError? OfWriteConcern(BsonDocument reply) =>
        reply.Document("writeConcernError") is { } error
            ? new((int)Math.Clamp(error.Integer("code") ?? 0, 0, int.MaxValue), error.Text("codeName") ?? "", error.Text("errmsg") ?? "")
            : null;
}
