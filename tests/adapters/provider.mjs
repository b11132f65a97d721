// A real provider of single sign-on, for the tests of it: oidc-provider on a free port of this machine, its clock stopped.
// Run in app/frontend, where its packages are. Prints its address. Whoever asks is logged in as the header x-who says.
const at = Number(process.env.AT) * 1000
Date.now = () => at
const { default: Provider } = await import('oidc-provider')
const { createServer } = await import('node:http')

const site = process.env.SITE
const server = createServer().listen(0, '127.0.0.1')
await new Promise(resolve => server.on('listening', resolve))
const issuer = `http://localhost:${server.address().port}`
const provider = new Provider(issuer, {
  clients: [{
    client_id: 'quytrinh',
    client_secret: 'bi-mat-cua-ung-dung',
    redirect_uris: ['http://localhost/login/from/province'],
    post_logout_redirect_uris: ['http://localhost/login'],
    backchannel_logout_uri: `${site}/logout/from/province`,
    backchannel_logout_session_required: true
  }],
  claims: { openid: ['sub', 'groups', 'amr'], profile: ['preferred_username'], email: ['email', 'email_verified'] },
  conformIdTokenClaims: false,
  cookies: { keys: ['a key of the tests'] },
  // The provider rightly calls no machine of its own network; here there is no other.
  fetch: (url, { dispatcher, ...options }) => fetch(url, options),
  pkce: { required: () => true },
  features: { devInteractions: { enabled: false }, backchannelLogout: { enabled: true } },
  interactions: { url: (_ctx, interaction) => `/interaction/${interaction.uid}` },
  findAccount: (_ctx, id) => ({
    accountId: id,
    claims: () => ({ sub: id, preferred_username: id, email: `${id}@sonhai.example`, email_verified: true, groups: ['can-bo'] })
  }),
  async loadExistingGrant (ctx) {
    const grant = new ctx.oidc.provider.Grant({ clientId: ctx.oidc.client.clientId, accountId: ctx.oidc.session.accountId })
    grant.addOIDCScope('openid profile email')
    await grant.save()
    return grant
  }
})
provider.use(async (ctx, next) => {
  if (!ctx.path.startsWith('/interaction/')) return next()
  const result = { login: { accountId: ctx.get('x-who'), amr: ['pwd', ctx.get('x-amr') || 'none'] } }
  ctx.redirect(await provider.interactionResult(ctx.req, ctx.res, result))
})
server.on('request', provider.callback())
console.log(issuer)
