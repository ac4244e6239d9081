using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Keyturn.Passwords;
using Keyturn.Server.Access;
using Microsoft.OpenApi;

namespace Keyturn.Server.Hosting;

/// <summary>The OpenAPI document, and a page to try the API with. Both are open: they show no data.</summary>
internal static class ApiDescription
{
    public const string DocumentPath = "/openapi/v1.json";
    public const string PagePath = "/docs";

    public static void AddApiDescription(this IServiceCollection services) => services.AddOpenApi("v1", options =>
    {
        options.AddDocumentTransformer((document, _, _) =>
        {
            Describe(document);
            return Task.CompletedTask;
        });
        options.AddOperationTransformer((operation, _, _) =>
        {
            // Bound members would show up by their names in C#.
            foreach (var parameter in operation.Parameters?.OfType<OpenApiParameter>().Where(parameter => parameter.In == ParameterLocation.Query) ?? [])
            {
                parameter.Name = JsonNamingPolicy.SnakeCaseLower.ConvertName(parameter.Name!);
            }

            return Task.CompletedTask;
        });
        options.AddSchemaTransformer((schema, context, _) =>
        {
            Describe(schema, context.JsonTypeInfo);
            return Task.CompletedTask;
        });
    });

    public static void MapApiDescription(this IEndpointRouteBuilder routes) => routes.MapOpenApi("/openapi/{documentName}.json").AllowAnonymous();

    /// <summary>The page is static files: they are served before authentication. Other requests pass by: it matches each path against patterns of its own.</summary>
    public static void UseApiPage(this IApplicationBuilder app) => app.UseWhen(
        http => http.Request.Path.StartsWithSegments(PagePath, StringComparison.OrdinalIgnoreCase),
        page => page.UseSwaggerUI(options =>
        {
            options.RoutePrefix = PagePath[1..];
            options.DocumentTitle = "Keyturn API";
            options.SwaggerEndpoint(DocumentPath, "Keyturn");
        }));

    /// <summary>Documents a body that the handler reads itself; the framework would refuse the content types that clients really send.</summary>
    public static RouteHandlerBuilder WithBody<T>(this RouteHandlerBuilder route, bool required = true) => route.AddOpenApiOperationTransformer(
        async (operation, context, cancel) => operation.RequestBody = new OpenApiRequestBody
        {
            Required = required,
            Content = new Dictionary<string, OpenApiMediaType>
            {
                ["application/json"] = new() { Schema = await context.GetOrCreateSchemaAsync(typeof(T), parameterDescription: null, cancel) },
            },
        });

    /// <summary>Documents the header that the handler reads itself.</summary>
    public static RouteHandlerBuilder WithIdempotencyKey(this RouteHandlerBuilder route) => route.AddOpenApiOperationTransformer((operation, _, _) =>
    {
        (operation.Parameters ??= []).Add(new OpenApiParameter
        {
            Name = ResetHeader.KeyName,
            In = ParameterLocation.Header,
            Description = "1 to 255 printable ASCII characters. The same request with the same key, within 24 hours, gets the first one's outcome.",
            Schema = new OpenApiSchema { Type = JsonSchemaType.String, MinLength = 1, MaxLength = 255 },
        });
        return Task.CompletedTask;
    });

    /// <summary>What is one string on the wire is one in the document; what may be null is left out then, and so not required.</summary>
    private static void Describe(OpenApiSchema schema, JsonTypeInfo type)
    {
        if (type.Type == typeof(Secret) || type.Type == typeof(PathText))
        {
            (schema.Type, schema.Properties, schema.Description) = (JsonSchemaType.String, null, null);
            schema.Format = type.Type == typeof(Secret) ? "password" : null;
        }

        schema.Required?.ExceptWith(type.Properties.Where(property => property.IsGetNullable).Select(property => property.Name));
    }

    private static void Describe(OpenApiDocument document)
    {
        document.Info = new OpenApiInfo { Title = "Keyturn", Version = "v1", Description = "Resets and checks the passwords of database accounts." };
        document.Components ??= new OpenApiComponents();
        document.Components.SecuritySchemes = new Dictionary<string, IOpenApiSecurityScheme>
        {
            [BearerHandler.SchemeName] = new OpenApiSecurityScheme { Type = SecuritySchemeType.Http, Scheme = "bearer", Description = "A token: kt_…" },
        };
        document.Security = [new OpenApiSecurityRequirement { [new OpenApiSecuritySchemeReference(BearerHandler.SchemeName, document)] = [] }];
    }
}
