# Grape: paths at /; {"error": "name is missing, price is invalid"} is its refusal.
require "grape"
require "puma"
require "puma/configuration"
require "puma/launcher"

class Tools < Grape::API
  format :json
  STORE = {}
  helpers do
    def tool
      STORE[params[:id]] || error!({ error: "Not found" }, 404)
    end
  end
  rescue_from(Grape::Exceptions::ValidationErrors) { |e| error!({ error: e.message }, 400) }

  get("/") { { paths: ["/v1/tools"] } }

  namespace "v1/tools" do
    get { STORE.values }
    params do
      requires :name, type: String, allow_blank: false
      requires :price, type: Float
      optional :kind, type: String, values: %w[hand power]
    end
    post do
      id = (@@next = (defined?(@@next) ? @@next : 0) + 1)
      header "Location", "/v1/tools/#{id}"
      STORE[id] = { id: id, **declared(params).symbolize_keys }
    end
    params { requires :id, type: Integer }
    route_param :id do
      get { tool }
      params do
        optional :name, type: String, allow_blank: false
        optional :price, type: Float
        optional :kind, type: String, values: %w[hand power]
      end
      patch { tool.merge!(declared(params, include_missing: false).symbolize_keys.except(:id)) }
      delete do
        STORE.delete(tool[:id])
        body false
      end
    end
  end
end

config = Puma::Configuration.new do |c|
  c.bind "tcp://127.0.0.1:#{ARGV[0]}"
  c.app Tools
  c.threads 1, 8
  c.quiet
end
Puma::Launcher.new(config).run
