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
        options.AddSchemaTransformer((schema, context, _) =>
        {
            if (context.JsonTypeInfo.Type == typeof(Secret))
            {
                schema.Type = JsonSchemaType.String;
                schema.Format = "password";
            }

            return Task.CompletedTask;
        });
    });

    public static void MapApiDescription(this IEndpointRouteBuilder routes) => routes.MapOpenApi("/openapi/{documentName}.json").AllowAnonymous();

    /// <summary>The page is static files: they are served before authentication.</summary>
    public static void UseApiPage(this IApplicationBuilder app) => app.UseSwaggerUI(options =>
    {
        options.RoutePrefix = PagePath[1..];
        options.DocumentTitle = "Keyturn API";
        options.SwaggerEndpoint(DocumentPath, "Keyturn");
    });

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
