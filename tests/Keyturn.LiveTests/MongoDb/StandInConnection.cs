using System.Buffers.Binary;
using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Keyturn.Wire;
using Keyturn.Wire.MongoDb;

namespace Keyturn.LiveTests.MongoDb;

/// <summary>One connection of the stand-in: messages in and out, and who has signed in on it.</summary>
public sealed class StandInConnection(StandInMongoDb server, int id)
{
    public const string Version = "7.0.0-stand-in";

    private const int OpReply = 1;
    private const int OpQuery = 2004;
    private const int OpMsg = 2013;
    private const int Header = 16;

    private readonly StandInCommands _commands = new(server, id);

    public int Id => id;

    /// <summary>What it is running, for $currentOp; null while it is idle.</summary>
    public string? Running { get; private set; }

    /// <summary>Who has signed in on it.</summary>
    public StandInUser? SignedIn => _commands.SignedInUser;

    public async Task ServeAsync(Stream stream, X509Certificate2? certificate, CancellationToken cancel)
    {
        try
        {
            if (certificate is not null)
            {
                var tls = new SslStream(stream);
                stream = tls;
                await tls.AuthenticateAsServerAsync(new SslServerAuthenticationOptions { ServerCertificate = certificate }, cancel);
            }

            while (await ReadAsync(stream, cancel) is { } message && await AnswerAsync(stream, message, cancel))
            {
            }
        }
        catch (Exception error) when (error is IOException or AuthenticationException or OperationCanceledException or WireException)
        {
            // The client is gone, or speaks something else: so is the connection.
        }
        finally
        {
            await stream.DisposeAsync();
        }
    }

    private static async Task<byte[]?> ReadAsync(Stream stream, CancellationToken cancel)
    {
        var length = new byte[4];
        if (await stream.ReadAtLeastAsync(length, 4, throwOnEndOfStream: false, cancel) < 4)
        {
            return null;
        }

        var message = new byte[BinaryPrimitives.ReadInt32LittleEndian(length)];
        length.CopyTo(message, 0);
        await stream.ReadExactlyAsync(message.AsMemory(4), cancel);
        return message;
    }

    private async Task<bool> AnswerAsync(Stream stream, byte[] message, CancellationToken cancel)
    {
        var opCode = BinaryPrimitives.ReadInt32LittleEndian(message.AsSpan(12));
        var command = opCode == OpQuery ? ReadQuery(message) : BsonReader.Read(message.AsSpan(Header + 5));
        var name = command.First().Key;
        server.Commands.Enqueue(name);
        if (server.Knobs.HangsUpAt == name)
        {
            return false;
        }

        Running = name;
        if (server.Knobs.WaitsAt == name)
        {
            await server.Knobs.Release.Task;
        }

        var reply = BsonWriter.Write(_commands.Run(name, command));
        Running = null;
        await stream.WriteAsync(Frame(message, opCode, reply, isLie: server.Knobs.LiesAbout == name), cancel);
        return true;
    }

    /// <summary>The greeting of older clients: flags, collection, skip, limit, document.</summary>
    private static BsonDocument ReadQuery(byte[] message)
    {
        var afterCollection = Array.IndexOf(message, (byte)0, Header + 4) + 1;
        var collection = Encoding.ASCII.GetString(message, Header + 4, afterCollection - Header - 5);
        var command = BsonReader.Read(message.AsSpan(afterCollection + 8));
        command.Add("$db", collection[..collection.IndexOf('.', StringComparison.Ordinal)]);
        return command;
    }

    private static byte[] Frame(byte[] request, int opCode, byte[] document, bool isLie)
    {
        byte[] before = opCode == OpQuery ? [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0] : [0, 0, 0, 0, 0];
        if (opCode == OpQuery)
        {
            before[16] = 1;
            before[0] = 8; // AwaitCapable
        }

        byte[] reply = [.. new byte[Header], .. before, .. document];
        BinaryPrimitives.WriteInt32LittleEndian(reply, isLie ? int.MaxValue : reply.Length);
        request.AsSpan(4, 4).CopyTo(reply.AsSpan(8));
        BinaryPrimitives.WriteInt32LittleEndian(reply.AsSpan(12), opCode == OpQuery ? OpReply : OpMsg);
        return reply;
    }
}
